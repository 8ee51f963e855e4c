/** Tasks get their fibers when their turns come; nobody can tell. */
import { describe, expect, it } from "vitest";
import { modeOutput } from "../../tests/tier-output.ts";

const modes = [
  { tiering: "off", snapshotMode: false },
  { tiering: "forced", snapshotMode: false },
  { tiering: "off", snapshotMode: true },
] as const;

const programs: Readonly<Record<string, readonly [code: string, prints: string]>> = {
  "one that is cancelled before its turn never begins": [
    `pipeline default() {
  let log = channel("log", 10)
  let first = spawn { send(log, "first") }
  let second = spawn { send(log, "second") }
  let third = spawn { send(log, "third") }
  cancel(second)
  await(first)
  await(third)
  println(is_err(try { await(second) }))
  close_channel(log)
  for line in log { println(line) }
}`,
    "true\nfirst\nthird\n",
  ],
  "those of a task that has ended go on, older ones first": [
    `pipeline default() {
  let log = channel("log", 10)
  let parent = spawn {
    spawn { send(log, "a") }
    spawn { send(log, "b") }
    "ended"
  }
  let other = spawn { send(log, "c") }
  println(await(parent))
  await(other)
  println([receive(log), receive(log), receive(log)])
}`,
    "ended\n[c, a, b]\n",
  ],
  "those of a task that is cancelled end with it": [
    `pipeline default() {
  let log = channel("log", 10)
  let parent = spawn {
    spawn {
      defer { send(log, "inner") }
      sleep(10s)
    }
    defer { send(log, "outer") }
    sleep(10s)
  }
  sleep(5ms)
  spawn { send(log, "next") }
  cancel(parent)
  sleep(5ms)
  println([receive(log), receive(log), receive(log)])
}`,
    "[next, inner, outer]\n",
  ],
  "their output comes when they are joined": [
    `pipeline default() {
  let a = spawn { println("a") }
  let b = spawn { println("b") }
  await(b)
  await(a)
  let c = spawn { parallel each [1, 2] { x -> println(x) } }
  await(c)
}`,
    "b\na\n1\n2\n",
  ],
};

describe("tasks that have not begun", () => {
  for (const [name, [code, prints]] of Object.entries(programs)) {
    it(name, async () => {
      for (const mode of modes)
        expect([mode, await modeOutput(code, { ...mode, graceMs: 100 })]).toEqual([mode, prints]);
    });
  }
});
