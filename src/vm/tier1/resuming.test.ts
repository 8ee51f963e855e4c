/** Code that waits in all kinds of places, often enough to have ways in behind its waits, gives the same in every tier, also when it is rebuilt from text. */
import { describe, expect, it } from "vitest";
import { modeOutput } from "../../../tests/tier-output.ts";

/** A task that answers each number with the number and one; `ask` waits for it. Each program does so some hundred times. */
const ECHO = `
fn ask(there, back, n) {
  send(there, n)
  return receive(back)
}

fn serve(there, back) {
  for n in there {
    send(back, n + 1)
  }
}
`;

function program(body: string): string {
  return `${ECHO}
pipeline default() {
  let there = channel("there", 1)
  let back = channel("back", 1)
  let server = spawn { serve(there, back) }
${body}
  close_channel(there)
  await(server)
}`;
}

const programs: Readonly<Record<string, readonly [code: string, prints: string]>> = {
  "in nested loops": [
    program(`  var sum = 0
  for i in 0 to 20 exclusive {
    for j in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] {
      if j % 2 == 0 {
        send(there, i * j)
        let got = receive(back)
        sum = sum + got
      } else {
        sum = sum + 1
      }
    }
    sum = sum + i
  }
  println(sum)`),
    "6090",
  ],
  "in calls": [
    program(`  var sum = 0
  for i in 0 to 300 exclusive { sum = sum + ask(there, back, i) * 2 }
  println(sum)`),
    "90300",
  ],
  "in protected regions and their handlers": [
    program(`  var caught = 0
  var sum = 0
  for i in 0 to 200 exclusive {
    try {
      send(there, i)
      let got = receive(back)
      if got % 3 == 0 { throw "third" }
      sum = sum + got
    } catch (e) {
      send(there, 1)
      caught = caught + receive(back)
    } finally {
      sum = sum + 1
    }
  }
  println([sum, caught])`),
    "[13667, 132]",
  ],
  "with values that change their kinds": [
    program(`  var last = 0
  for i in 0 to 400 exclusive {
    send(there, if i < 200 { i } else { i + 0.5 })
    last = receive(back)
  }
  println(last)`),
    "400.5",
  ],
  "with a failure behind the wait": [
    program(`  var failures = 0
  for i in 0 to 150 exclusive {
    let outcome = try {
      send(there, i)
      let got = receive(back)
      if got > 100 { got + [] } else { got }
    }
    if is_err(outcome) { failures = failures + 1 }
  }
  println(failures)`),
    "50",
  ],
  "at the end of a block": [
    program(`  var i = 0
  while i < 200 {
    if i % 2 == 0 {
      send(there, i)
      receive(back)
    }
    i = i + 1
  }
  println(i)`),
    "200",
  ],
  "in a generator": [
    `${ECHO}
fn answers(there, back, count) {
  for i in 0 to count exclusive {
    send(there, i)
    yield receive(back)
  }
}

pipeline default() {
  let there = channel("there", 1)
  let back = channel("back", 1)
  let server = spawn { serve(there, back) }
  var sum = 0
  for got in answers(there, back, 200) { sum = sum + got }
  println(sum)
  close_channel(there)
  await(server)
}`,
    "20100",
  ],
  "with a long loop between waits": [
    program(`  var sum = 0
  for i in 0 to 100 exclusive {
    send(there, i)
    let got = receive(back)
    for j in 0 to 300 exclusive { sum = sum + got * j % 7 }
  }
  println(sum)`),
    "77353",
  ],
};

const modes = [
  { tiering: "off", snapshotMode: false },
  { tiering: "hot", snapshotMode: false },
  { tiering: "forced", snapshotMode: false },
  { tiering: "hot", snapshotMode: true },
] as const;

describe("code that goes on behind a wait", () => {
  for (const [name, [code, prints]] of Object.entries(programs)) {
    it(`is the same in all tiers: ${name}`, { timeout: 60_000 }, async () => {
      for (const mode of modes) expect([mode, await modeOutput(code, mode)]).toEqual([mode, `${prints}\n`]);
    });
  }
});
