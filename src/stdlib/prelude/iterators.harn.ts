/**
 * Iterators: `lazy_…` are generators, which the builtins of iterators.ts hand out as iterators; `iter_…` take items. A loop over an iterator that
 * is left early leaves the rest in it, so that these functions may take as many items as they need.
 */
export const iteratorPrelude = `
fn lazy_items(source) {
  for item in source {
    yield item
  }
}

fn lazy_pairs(dict) {
  for entry in dict {
    yield pair(entry.key, entry.value)
  }
}

fn lazy_lines(path) {
  var at = 0
  while at != nil {
    let piece = __read_lines(path, at)
    for line in piece.lines {
      yield line
    }
    at = piece.next
  }
}

fn lazy_map(source, f) {
  for item in source {
    yield f(item)
  }
}

fn lazy_filter(source, f) {
  for item in source {
    if f(item) {
      yield item
    }
  }
}

fn lazy_flat_map(source, f) {
  for item in source {
    for inner in __iter(f(item)) {
      yield inner
    }
  }
}

fn lazy_take(source, count) {
  var left = count
  if left > 0 {
    for item in source {
      yield item
      left = left - 1
      if left == 0 {
        return nil
      }
    }
  }
}

fn lazy_skip(source, count) {
  var left = count
  for item in source {
    if left > 0 {
      left = left - 1
    } else {
      yield item
    }
  }
}

fn lazy_take_while(source, f) {
  for item in source {
    if !f(item) {
      return nil
    }
    yield item
  }
}

fn lazy_skip_while(source, f) {
  var begun = false
  for item in source {
    if !begun {
      if !f(item) {
        begun = true
      }
    }
    if begun {
      yield item
    }
  }
}

fn lazy_zip(source, other) {
  for item in source {
    var partner = nil
    var found = false
    for next in other {
      partner = next
      found = true
      break
    }
    if !found {
      return nil
    }
    yield pair(item, partner)
  }
}

fn lazy_enumerate(source) {
  var at = 0
  for item in source {
    yield pair(at, item)
    at = at + 1
  }
}

fn lazy_chain(source, other) {
  for item in source {
    yield item
  }
  for item in other {
    yield item
  }
}

fn lazy_chunks(source, size) {
  var part = []
  for item in source {
    part = part.push(item)
    if len(part) == size {
      yield part
      part = []
    }
  }
  if len(part) > 0 {
    yield part
  }
}

fn lazy_windows(source, size) {
  var part = []
  for item in source {
    part = part.push(item)
    if len(part) == size {
      yield part
      part = part.skip(1)
    }
  }
}

fn iter_next(source) {
  for item in __iter(source) {
    return {value: item, done: false}
  }
  return {value: nil, done: true}
}

fn iter_to_list(source) {
  var out = []
  for item in source {
    out = out.push(item)
  }
  return out
}

fn iter_to_set(source) {
  var out = []
  for item in source {
    out = out.push(item)
  }
  return __set_of(out)
}

fn iter_to_dict(source) {
  var out = []
  for item in source {
    out = out.push(item)
  }
  return __dict_from_pairs(out)
}

fn iter_count(source) {
  var count = 0
  for item in source {
    count = count + 1
  }
  return count
}

fn iter_sum(source) {
  var out = []
  for item in source {
    out = out.push(item)
  }
  return __sum(out)
}

fn iter_min(source) {
  var out = []
  for item in source {
    out = out.push(item)
  }
  return out.min()
}

fn iter_max(source) {
  var out = []
  for item in source {
    out = out.push(item)
  }
  return out.max()
}

fn iter_reduce(source, initial, f) {
  __expect_fold(2, f)
  var sum = initial
  for item in source {
    sum = f(sum, item)
  }
  return sum
}

fn iter_first(source) {
  for item in source {
    return item
  }
  return nil
}

fn iter_last(source) {
  var last = nil
  for item in source {
    last = item
  }
  return last
}

fn iter_any(source, f) {
  __expect_iter_callable(f, "any")
  for item in source {
    if f(item) {
      return true
    }
  }
  return false
}

fn iter_all(source, f) {
  __expect_iter_callable(f, "all")
  for item in source {
    if !f(item) {
      return false
    }
  }
  return true
}

fn iter_find(source, f) {
  __expect_iter_callable(f, "find")
  for item in source {
    if f(item) {
      return item
    }
  }
  return nil
}

fn iter_for_each(source, f) {
  __expect_iter_callable(f, "for_each")
  for item in source {
    f(item)
  }
}
`;
