/** Callback methods of dicts. Each callback gets one argument: the value, or the key. */
export const dictPrelude = `
fn dict_map_values(dict, f) {
  __expect_callable(f, "dict.map_values")
  var out = []
  for value in values(dict) {
    out = out.push(f(value))
  }
  return __dict_build(keys(dict), out)
}

fn dict_rekey(dict, f) {
  __expect_callable(f, "dict.rekey")
  var out = []
  for key in keys(dict) {
    out = out.push(f(key))
  }
  return __dict_build(out, values(dict))
}

fn dict_filter(dict, f) {
  __expect_callable(f, "dict.filter")
  var flags = []
  for value in values(dict) {
    flags = flags.push(f(value))
  }
  return __dict_select(dict, flags)
}
`;
