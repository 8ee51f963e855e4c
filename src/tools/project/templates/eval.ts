/** `eval`: questions with expected answers, and a score. */
export const evalFiles: Readonly<Record<string, string>> = {
  "main.harn": `import "lib/scoring"

/** Asks the model every case; ends with 1 unless all answers are right. */
pipeline default() {
  let report = evaluate(read_cases(path_join(source_dir(), "cases.json")))
  for result in report.results {
    let mark = if result.passed {
      "pass"
    } else {
      "FAIL"
    }
    println("\${mark}  \${result.question}  ->  \${result.answer}")
  }
  println("\${report.passed} of \${report.total}")
  if report.passed < report.total {
    exit(1)
  }
}
`,
  "lib/scoring.harn": `/** Questions, each with a text that a right answer contains. */
pub fn read_cases(path: string) -> list {
  return json_parse(read_file(path))
}

/** Asks one question after the other: {total, passed, results}. */
pub fn evaluate(cases: list) -> dict {
  var results = []
  for item in cases {
    let answer = ask(item.question)
    let passed = is_right(answer, item.contains)
    results = results + [{question: item.question, answer: answer, passed: passed}]
  }
  let right = results.filter({ result -> result.passed })
  return {total: len(results), passed: len(right), results: results}
}

fn ask(question: string) -> string {
  let response: dict = llm_call(question, "Answer in one sentence.")
  return response.text
}

/** Upper and lower case are the same. */
pub fn is_right(answer: string, wanted: string) -> bool {
  return answer.lower().contains(wanted.lower())
}
`,
  "cases.json": `[
  {"question": "What is the capital of France?", "contains": "Paris"},
  {"question": "How many legs does a spider have?", "contains": "eight"}
]
`,
  "tests/test_scoring.harn": `import "../lib/scoring"

pipeline test_counts_right_answers() {
  llm_mock({text: "It is Paris."})
  llm_mock({text: "Six."})
  let report = evaluate(read_cases("../cases.json"))
  assert_eq([report.passed, report.total], [1, 2])
  assert_eq(report.results.map({ result -> result.passed }), [true, false])
}

pipeline test_ignores_case() {
  assert(is_right("EIGHT legs", "eight"))
}
`,
};
