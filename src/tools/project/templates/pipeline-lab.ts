/** `pipeline-lab`: a prompt and what it is given, apart from each other, so that both can be tried. */
export const pipelineLabFiles: Readonly<Record<string, string>> = {
  "host.harn": `/** What the pipeline gets to see of its surroundings. */
pub fn build_context(task) {
  return {task: task, folder: cwd(), files: list_dir(".")}
}

/** Whether a tool may do what it asks for: here only what changes nothing. */
pub fn request_permission(tool_name, _request_args) -> bool {
  return tool_name.starts_with("read_")
}
`,
  "pipeline.harn": `import "host"

/** The prompt, apart from the call, so that a test can look at it. */
pub fn prompt_for(context) -> string {
  let files = context.files.join(", ")
  return "Task: \${context.task}\\nFolder: \${context.folder}\\nFiles: \${files}"
}

pipeline default(task) {
  let answer = llm_call(prompt_for(build_context(task)), "You are brief: at most three points.")
  println(answer.text)
}
`,
  "tests/test_pipeline.harn": `import "../host"
import "../pipeline"

pipeline test_prompt_names_task_and_files() {
  let prompt = prompt_for({task: "Explain", folder: "/project", files: ["a.txt", "b.txt"]})
  assert_eq(prompt, "Task: Explain\\nFolder: /project\\nFiles: a.txt, b.txt")
}

pipeline test_only_reading_is_allowed() {
  assert(request_permission("read_file", {}))
  assert(!request_permission("write_file", {}))
}
`,
  "README.md": `# Pipeline lab

\`pipeline.harn\` holds the prompt, \`host.harn\` what surrounds it.

\`\`\`sh
HARN_TASK="Explain this folder" harn run pipeline.harn
harn test --watch
\`\`\`
`,
};
