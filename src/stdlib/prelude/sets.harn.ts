/** Callback methods of sets. */
export const setPrelude = `
fn set_map(items, f) {
  __expect_callable(f, "set.map")
  var out = []
  for item in items {
    out = out.push(f(item))
  }
  return __set_of(out)
}

fn set_filter(items, f) {
  __expect_callable(f, "set.filter")
  var flags = []
  for item in items {
    flags = flags.push(f(item))
  }
  return __set_select(items, flags)
}

fn set_any(items, f) {
  __expect_callable(f, "set.any")
  for item in items {
    if f(item) {
      return true
    }
  }
  return false
}

fn set_all(items, f) {
  __expect_callable(f, "set.all")
  for item in items {
    if !f(item) {
      return false
    }
  }
  return true
}
`;
