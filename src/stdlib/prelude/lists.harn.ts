/** Callback methods of lists. Functions get the receiver first and call no other function of the prelude. */
export const listPrelude = `
fn list_map(items, f) {
  __expect_callable(f, "list.map")
  var out = []
  for item in items {
    out = out.push(f(item))
  }
  return out
}

fn list_filter(items, f) {
  __expect_callable(f, "list.filter")
  var out = []
  for item in items {
    if f(item) {
      out = out.push(item)
    }
  }
  return out
}

fn list_reduce(items, initial, f) {
  __expect_callable(f, "list.reduce")
  var sum = initial
  for item in items {
    sum = f(sum, item)
  }
  return sum
}

fn list_each(items, f) {
  __expect_callable(f, "list.each")
  for item in items {
    f(item)
  }
}

fn list_find(items, f) {
  __expect_callable(f, "list.find")
  for item in items {
    if f(item) {
      return item
    }
  }
  return nil
}

fn list_find_index(items, f) {
  __expect_callable(f, "list.find_index")
  var at = 0
  for item in items {
    if f(item) {
      return at
    }
    at = at + 1
  }
  return -1
}

fn list_any(items, f) {
  __expect_callable(f, "list.any")
  for item in items {
    if f(item) {
      return true
    }
  }
  return false
}

fn list_all(items, f) {
  __expect_callable(f, "list.all")
  for item in items {
    if !f(item) {
      return false
    }
  }
  return true
}

fn list_none(items, f) {
  if f == nil {
    return len(items) == 0
  }
  __expect_callable(f, "list.none")
  for item in items {
    if f(item) {
      return false
    }
  }
  return true
}

fn list_flat_map(items, f) {
  __expect_callable(f, "list.flat_map")
  var out = []
  for item in items {
    let part = f(item)
    if type_of(part) == "list" {
      for inner in part {
        out = out.push(inner)
      }
    } else {
      out = out.push(part)
    }
  }
  return out
}

fn list_sort_by(items, f) {
  __expect_callable(f, "list.sort_by")
  var keys = []
  for item in items {
    keys = keys.push(f(item))
  }
  return __list_sort_by(items, keys)
}

fn list_min_by(items, f) {
  __expect_callable(f, "list.min_by")
  var keys = []
  for item in items {
    keys = keys.push(f(item))
  }
  return __list_min_by(items, keys)
}

fn list_max_by(items, f) {
  __expect_callable(f, "list.max_by")
  var keys = []
  for item in items {
    keys = keys.push(f(item))
  }
  return __list_max_by(items, keys)
}

fn list_partition(items, f) {
  __expect_callable(f, "list.partition")
  var keys = []
  for item in items {
    keys = keys.push(f(item))
  }
  return __list_partition(items, keys)
}

fn list_group_by(items, f) {
  __expect_callable(f, "list.group_by")
  var keys = []
  for item in items {
    keys = keys.push(f(item))
  }
  return __list_group_by(items, keys)
}
`;
