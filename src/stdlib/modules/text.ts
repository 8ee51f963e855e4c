/** `std/text`: texts that models and compilers write. */
export const textModule = `
/** A whole number as text; throws for what is none. */
pub fn int_to_string(value) {
  let number = to_int(value)
  require number != nil, "int_to_string expects an integer-compatible value"
  return to_string(number)
}

/** A float as text; throws for what is none. */
pub fn float_to_string(value) {
  let number = to_float(value)
  require number != nil, "float_to_string expects a float-compatible value"
  return to_string(number)
}

/** The text as a whole number, or the fallback. */
pub fn parse_int_or(value, fallback) {
  return to_int(value) ?? fallback
}

/** The text as a float, or the fallback. */
pub fn parse_float_or(value, fallback) {
  return to_float(value) ?? fallback
}

/** A word without the quotes, brackets and stops around it. */
fn bare_word(word) {
  let edges = "[\\"'\`,;:()\\\\[\\\\]{}><]+"
  return regex_replace("[.,:;]+$", "", regex_replace("^" + edges + "|" + edges + "$", "", word))
}

/** The words that look like paths of files, each once, in order. Lines without a slash and comment lines are left out. */
pub fn extract_paths(text) {
  var found = []
  for line in split(text, "\\n") {
    let trimmed = trim(line)
    if contains(trimmed, "/") && !starts_with(trimmed, "//") && !starts_with(trimmed, "#") {
      for word in split(trimmed, " ") {
        let path = bare_word(trim(word))
        let extension = extname(path)
        if extension != "" && len(extension) <= 11 {
          found = found.push(path)
        }
      }
    }
  }
  return found.unique().sort()
}

/** The fenced blocks of a text: {type: "code" | "call", lang, code}. A block that is not closed is left out. */
pub fn parse_cells(response) {
  var cells = []
  var open = nil
  var body = []
  for line in split(response, "\\n") {
    let trimmed = trim(line)
    if !starts_with(trimmed, "\`\`\`") {
      if open != nil {
        body = body.push(line)
      }
    } else if open != nil {
      cells = cells.push(open + {code: join(body, "\\n")})
      open = nil
    } else {
      let label = trim(substring(trimmed, 3))
      let is_call = label == "call" || starts_with(label, "call ")
      let lang = if is_call { trim(substring(label, 4)) } else { label }
      open = {type: if is_call { "call" } else { "code" }, lang: if lang == "" { nil } else { lang }}
      body = []
    }
  }
  return cells
}

/** Code cells, and calls of write_file (for one file, when it is given). */
pub fn filter_test_cells(cells, target_file) {
  return cells.filter({ cell ->
    if cell.type == "call" && contains(cell.code, "write_file") {
      return target_file == nil || contains(cell.code, target_file)
    }
    return cell.type == "code"
  })
}

/** The first and last n lines, and between them how many are missing. */
pub fn truncate_head_tail(text, n) {
  let lines = split(text, "\\n")
  let missing = len(lines) - 2 * n
  if missing <= 0 {
    return text
  }
  let note = "... (" + to_string(missing) + " lines omitted) ..."
  return join(lines.take(n) + [note] + lines.last(n), "\\n")
}

fn mentions(text, words) {
  return words.any({ word -> contains(text, word) })
}

/** Does the output tell of code that does not compile? */
pub fn detect_compile_error(output) {
  return mentions(output, ["SyntaxError", "IndentationError", "ImportError", "ModuleNotFoundError", "compile error", "cannot find"])
}

/** Does the output say both what came and what was wanted? */
pub fn has_got_want(output) {
  return mentions(output, ["got:", "Got:", "actual:", "Actual:"])
    && mentions(output, ["want:", "Want:", "expected:", "Expected:"])
}

/** The first 20 lines that tell of failures. */
pub fn format_test_errors(output) {
  let lines = split(output, "\\n").filter({ line -> mentions(line, ["FAIL", "Error", "error", "assert"]) })
  return join(lines.take(20), "\\n")
}
`;
