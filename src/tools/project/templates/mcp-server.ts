/** `mcp-server`: a registry of tools that other programs are to call, and tests that call them. */
export const mcpServerFiles: Readonly<Record<string, string>> = {
  "main.harn": `import "lib/tools"

/** What is offered, as JSON. */
pipeline default() {
  println(json_pretty(tool_schema(server_tools())))
}
`,
  "lib/tools.harn": `fn ping(args) {
  return {reply: "pong", message: args.message}
}

/** All tools of this server. */
pub fn server_tools() {
  let config = {
    parameters: {message: {type: "string", description: "what to send back"}},
    returns: {type: "object"},
    handler: ping,
  }
  return tool_define(tool_registry(), "ping", "Answers with the same message", config)
}
`,
  "tests/test_tools.harn": `import "../lib/tools"

pipeline test_ping_answers() {
  let ping = tool_find(server_tools(), "ping")
  assert_eq(ping.handler({message: "hi"}), {reply: "pong", message: "hi"})
}

pipeline test_tools_have_schemas() {
  let names = tool_schema(server_tools()).tools.map({ entry -> entry.name })
  assert_eq(names, ["ping"])
}
`,
};
