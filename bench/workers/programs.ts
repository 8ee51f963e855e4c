/** The workload of docs/decisions: N workers at once, three durable model steps each, 200 bytes added to the transcript a step, a 1 KB result. */

const STEP = `
fn step(name, n) {
  let answer = llm_call("step " + to_string(n) + " of " + name, nil, {provider: "mock"})
  return (answer.text + "${" ".repeat(200)}").substring(0, 200)
}
`;

/** Workers as tasks written in Harn. */
export function taskProgram(count: number): string {
  return `${STEP}
fn worker(name) {
  var transcript = []
  transcript = transcript.push(step(name, 1))
  transcript = transcript.push(step(name, 2))
  transcript = transcript.push(step(name, 3))
  return join(transcript, "").substring(0, 600) + "${"r".repeat(424)}"
}
pipeline default() {
  var tasks = []
  for i in 0 to ${count} exclusive { tasks = tasks.push(spawn { worker("w" + to_string(i)) }) }
  var bytes = 0
  for task in tasks { bytes = bytes + len(await(task)) }
  println(bytes)
}`;
}

/** The same as sub-agents: an agent loop with a transcript of its own, which ends when its three answers are used up. */
export function subAgentProgram(count: number): string {
  return `
pipeline default() {
  var handles = []
  for i in 0 to ${count} exclusive {
    handles = handles.push(sub_agent_run("job " + to_string(i), {
      background: true, provider: "mock", max_iterations: 3, persistent: true, max_nudges: 10
    }))
  }
  let done = wait_agent(handles)
  println(len(done))
}`;
}

/** Workers that wait for an event after their second step; what they have to say goes through a channel. */
export function waitingProgram(count: number): string {
  return `${STEP}
fn worker(name, results) {
  var transcript = []
  transcript = transcript.push(step(name, 1))
  transcript = transcript.push(step(name, 2))
  let event = await_message()
  transcript = transcript.push(step(name, 3))
  send(results, name + " " + to_string(event) + " " + to_string(len(transcript)))
}
pipeline default() {
  let results = channel("results", 10)
  for i in 0 to ${count} exclusive { spawn { worker("w" + to_string(i), results) } }
  for result in results { println("done " + result) }
}`;
}

/** A list that grows by one element at each of `count` waits. */
export function growingProgram(count: number): string {
  return `
pipeline default() {
  var items = []
  for i in 0 to ${count} exclusive {
    items = items.push("element " + to_string(i))
    sleep(0)
  }
  println(len(items))
}`;
}

/** Sub-agents of which each waits for a message inside a tool, after its second model step. */
export function waitingAgentsProgram(count: number): string {
  return `
pipeline default() {
  var tools = tool_registry()
  tools = tool_define(tools, "wait_for_event", "Waits.", {parameters: {}, handler: { args ->
    let event = await_message()
    println("done " + to_string(event))
    "event: " + to_string(event)
  }})
  tools = tool_define(tools, "look", "Looks.", {parameters: {}, handler: { args -> "looked" }})
  llm_mock({tool_calls: [{name: "wait_for_event", arguments: {}}], match: "*looked*"})
  llm_mock({tool_calls: [{name: "look", arguments: {}}], match: "*second*"})
  var handles = []
  for i in 0 to ${count} exclusive {
    let worker = sub_agent_run("second job " + to_string(i), {background: true, provider: "mock", tools: tools, max_iterations: 3})
    handles = handles.push(worker.id)
  }
  println("waiting")
  wait_agent(handles)
}`;
}
