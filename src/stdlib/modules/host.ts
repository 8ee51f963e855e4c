/** `std/runtime`, `std/testing` and `std/acp`: what a host is asked, how a test answers for it, and what it is sent. */
export const runtimeModule = `
/** The host's task; "" when there is none. */
pub fn runtime_task() -> string {
  return host_call("runtime.task", {}) ?? ""
}

/** What the host gave the pipeline. */
pub fn runtime_pipeline_input() {
  return host_call("runtime.pipeline_input", {})
}

/** Does the host want nothing changed? */
pub fn runtime_dry_run() -> bool {
  return host_call("runtime.dry_run", {}) ?? false
}

/** The plan that the host approved; "" when there is none. */
pub fn runtime_approved_plan() -> string {
  return host_call("runtime.approved_plan", {}) ?? ""
}

/** Runs a shell text through the host: {stdout, stderr, combined, status, success}. */
pub fn process_exec(command) {
  return host_call("process.exec", {command: command})
}

/** The same as \`process_exec\`, given up after so many milliseconds. */
pub fn process_exec_with_timeout(command, timeout_ms) {
  return host_call("process.exec", {command: command, timeout: timeout_ms})
}

/** Asks the person through the host; "" without an answer. */
pub fn interaction_ask(question) -> string {
  return host_call("interaction.ask", {question: question}) ?? ""
}

/** The same, with the kind of question. */
pub fn interaction_ask_with_kind(question, kind) -> string {
  return host_call("interaction.ask", {question: question, type: kind}) ?? ""
}

/** Tells the host of a run that has been saved. */
pub fn record_run_metadata(run, workflow_name) {
  if run?.path {
    let transcript = run.transcript
    host_call("runtime.record_run", {
      workflow: workflow_name,
      path: run.path,
      status: run.status ?? "",
      fixture_type: run.run?.replay_fixture?._type,
      usage: run.usage,
      persisted_path: run.persisted_path,
      summary: transcript_summary(transcript),
      transcript_state: transcript?.state ?? "",
      message_count: len(transcript_messages(transcript)),
      event_count: len(transcript_events(transcript)),
      asset_count: len(transcript_assets(transcript))
    })
  }
}
`;

export const testingModule = `
/** Does every expected entry stand in the actual dict? Nil expects nothing. */
fn covers(expected, actual) {
  if expected == nil {
    return true
  }
  if type_of(expected) != "dict" || type_of(actual) != "dict" {
    return expected == actual
  }
  return entries(expected).all({ entry -> actual[entry.key] == entry.value })
}

/** Removes all mocks of host calls, and forgets the calls. */
pub fn clear_host_mocks() {
  return host_mock_clear()
}

/** Answers a host call with a value; with \`params\` only calls that have them. */
pub fn mock_host_result(cap: string, op: string, result, params = nil) {
  return if params == nil { host_mock(cap, op, result) } else { host_mock(cap, op, result, params) }
}

/** Lets a host call fail with a message. */
pub fn mock_host_error(cap: string, op: string, message: string, params = nil) {
  let only = if params == nil { {} } else { {params: params} }
  return host_mock(cap, op, {error: message} + only)
}

/** Answers a host call as a dict says: {result, error, params}. */
pub fn mock_host_response(cap: string, op: string, config) {
  return host_mock(cap, op, config)
}

/** All calls that mocks answered. */
pub fn host_calls() {
  return host_mock_calls()
}

/** Those of one operation. */
pub fn host_calls_for(cap: string, op: string) {
  return host_mock_calls().filter({ call -> call.capability == cap && call.operation == op })
}

/** How many calls mocks answered. */
pub fn host_call_count() -> int {
  return len(host_mock_calls())
}

/** How many of one operation. */
pub fn host_call_count_for(cap: string, op: string) -> int {
  return len(host_calls_for(cap, op))
}

/** Was an operation called, with these params among its own? */
pub fn host_was_called(cap: string, op: string, expected_params = nil) -> bool {
  return host_calls_for(cap, op).any({ call -> covers(expected_params, call.params) })
}

/** Throws unless it was. */
pub fn assert_host_called(cap: string, op: string, params = nil, message = nil) {
  let wanted = if params == nil { "" } else { " with params " + to_string(params) }
  assert(host_was_called(cap, op, params), message ?? "Expected host call " + cap + "." + op + wanted + " to be recorded")
}

/** Throws unless an operation was called so many times. */
pub fn assert_host_call_count(expected_count: int, cap: string, op: string, message = nil) {
  let count = host_call_count_for(cap, op)
  assert_eq(count, expected_count, message ?? "Expected " + to_string(expected_count) + " host calls, got " + to_string(count))
}
`;

export const acpModule = `
/** A piece of what the agent says. */
type AgentMessageChunk = {
  sessionUpdate: string,
  content: {type: string, text: string | nil, annotations: dict | nil},
}

/** A tool call, when it begins. */
type ToolCall = {
  sessionUpdate: string,
  toolCallId: string,
  title: string | nil,
  kind: string | nil,
  status: string | nil,
  content: list<dict> | nil,
  locations: list<dict> | nil,
  rawInput: dict | nil,
  rawOutput: dict | nil,
}

/** How a tool call goes on. */
type ToolCallUpdate = {
  sessionUpdate: string,
  toolCallId: string,
  status: string | nil,
  title: string | nil,
  content: list<dict> | nil,
  locations: list<dict> | nil,
  rawOutput: dict | nil,
}

/** What the agent means to do. */
type Plan = {
  sessionUpdate: string,
  entries: list<{content: string, priority: string | nil, status: string | nil}>,
}

/** What a client is sent while a session works. */
type SessionUpdate = AgentMessageChunk | ToolCall | ToolCallUpdate | Plan

/** What a pipeline answers to its client. */
type PipelineResult = {
  text: string | nil,
  events: list<SessionUpdate> | nil,
  run_record: dict | nil,
}

/** A piece of text from the agent. */
pub fn agent_message_chunk(text) {
  return {sessionUpdate: "agent_message_chunk", content: {type: "text", text: text, annotations: nil}}
}

/** A tool call that is about to begin. */
pub fn tool_call(tool_call_id, title) {
  return {
    sessionUpdate: "tool_call",
    toolCallId: tool_call_id,
    title: title,
    kind: nil,
    status: "pending",
    content: nil,
    locations: nil,
    rawInput: nil,
    rawOutput: nil
  }
}

/** A new status of a tool call. */
pub fn tool_call_update(tool_call_id, status) {
  return {
    sessionUpdate: "tool_call_update",
    toolCallId: tool_call_id,
    status: status,
    title: nil,
    content: nil,
    locations: nil,
    rawOutput: nil
  }
}

/** A plan of entries {content, priority, status}. */
pub fn plan(entries) {
  return {sessionUpdate: "plan", entries: entries}
}
`;
