/** `agent`: a loop with one tool, and a test in which a mock plays the model. */
export const agentFiles: Readonly<Record<string, string>> = {
  "main.harn": `import "lib/reader"

/** Works on the task in HARN_TASK, with the model that the environment names. */
pipeline default(task) {
  let result = read_and_answer(task)
  println(result.text)
}
`,
  "lib/reader.harn": `/** The tools of the agent: it may read files of the project, nothing else. */
pub fn reading_tools() {
  let config = {
    parameters: {path: {type: "string", description: "relative to the project"}},
    handler: { args -> read_file(args.path) },
  }
  return tool_define(tool_registry(), "read_project_file", "Reads a text file of the project", config)
}

/** Lets a model work on a task until it says that it is done. */
pub fn read_and_answer(task) {
  let system = "Read files of the project before you answer, and quote what you rely on."
  return agent_loop(task, system, {tools: reading_tools(), max_iterations: 12})
}
`,
  "tests/test_reader.harn": `import "../lib/reader"

pipeline test_reads_a_file_and_answers() {
  llm_mock({tool_calls: [{name: "read_project_file", arguments: {path: "notes.txt"}}]})
  llm_mock({text: "The notes are about tests. ##DONE##"})
  let result = read_and_answer("What are the notes about?")
  assert_eq(result.tools_used, ["read_project_file"])
  assert(result.text.contains("about tests"))
}

pipeline test_offers_one_tool() {
  assert_eq(tool_count(reading_tools()), 1)
}
`,
  "tests/notes.txt": "Notes about tests.\n",
};
