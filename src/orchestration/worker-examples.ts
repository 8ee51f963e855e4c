/** What the worker builtins do, as programs that run; each prints what stands beside it. */
import type { Example } from "../builtin/declaration.ts";

export const workerExamples: Readonly<Record<string, Example>> = {
  spawn_agent: {
    code: 'llm_mock({text: "done"})\nlet worker = spawn_agent({name: "helper", task: "Look around", node: {kind: "stage", model_policy: {provider: "mock"}}})\nprintln(wait_agent(worker).status)',
    prints: "completed",
  },
  sub_agent_run: {
    code: 'llm_mock({text: "Two files."})\nlet result = sub_agent_run("Count the files", {provider: "mock"})\nprintln("${result.ok}: ${result.summary}")',
    prints: "true: Two files.",
  },
  wait_agent: {
    code: 'llm_mock({text: "done"})\nlet worker = sub_agent_run("Look around", {provider: "mock", background: true})\nprintln(wait_agent(worker).status)',
    prints: "completed",
  },
  send_input: {
    code: 'llm_mock({text: "first"})\nllm_mock({text: "second"})\nlet worker = sub_agent_run("One", {provider: "mock", background: true})\nwait_agent(worker)\nprintln(wait_agent(send_input(worker, "Two")).status)',
    prints: "completed",
  },
  steer_agent: {
    code: 'llm_mock({text: "done"})\nlet worker = wait_agent(sub_agent_run("One", {provider: "mock", background: true}))\nprintln(steer_agent(worker, "Stop"))',
    prints: "false",
  },
  close_agent: {
    code: 'llm_mock({text: "done"})\nlet worker = sub_agent_run("One", {provider: "mock", background: true})\nprintln(close_agent(worker).id == worker.id)',
    prints: "true",
  },
  resume_agent: {
    code: 'llm_mock({text: "done"})\nlet worker = wait_agent(sub_agent_run("One", {provider: "mock", background: true}))\nprintln(resume_agent(worker.id).status)',
    prints: "completed",
  },
  list_agents: {
    code: "println(list_agents())",
    prints: "[]",
  },
  await_message: {
    code: "println(await_message(1))",
    prints: "nil",
  },
};
