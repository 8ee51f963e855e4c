/** Tasks, channels, atomics and sleep. Their state lives in the run's object table; handles are ids into it. */
import type { Call } from "../builtin/call.ts";
import { awaitAny } from "../builtin/call.ts";
import type { Builtin } from "../builtin/declaration.ts";
import { builtin, positional, suspending } from "../builtin/declaration.ts";
import { categoryError, Raise, thrownError } from "../builtin/raise.ts";
import type { Value } from "../value/value.ts";
import { HDict, HDuration, HEnum, HFloat, HHandle, HList, HPair, share } from "../value/value.ts";
import { joinTask } from "../vm/concurrency.ts";
import { caughtValue } from "../vm/errors.ts";
import { cancelFiber } from "../vm/fiber-life.ts";
import { handOver } from "../vm/handover.ts";
import { type ChannelObject, newChannel, type TaskObject } from "../vm/objects.ts";
import type { VmCall } from "../vm/vm-call.ts";
import { vmCall } from "../vm/vm-call.ts";
import { closeChannel, giveToChannel, takeFromChannel } from "../vm/waits.ts";

function milliseconds(value: Value, otherwise: number): number {
  if (value instanceof HDuration) return value.ms;
  if (value instanceof HFloat) return value.value;
  return typeof value === "number" ? value : otherwise;
}

function taskOf(call: VmCall, value: Value): TaskObject | null {
  if (!(value instanceof HHandle) || value.kind !== "task") return null;
  if (value.object !== null) return value.object as TaskObject;
  const object = call.run.objects.get(value.id);
  return object?.kind === "task" ? object : null;
}

/** The task's value, or its failure raised again. Its output comes now. */
function joined(call: VmCall, task: TaskObject): Value {
  const result = joinTask(call.run, call, task);
  switch (result.kind) {
    case "value":
      return share(result.value);
    case "failed":
      throw new Raise(result.error);
    case "cancelled":
      throw categoryError("cancelled", result.reason);
  }
}

function channelOf(call: Call, value: Value, builtinName: string): ChannelObject {
  if (!(value instanceof HHandle) || value.kind !== "channel") {
    throw thrownError(`${builtinName}: first argument must be a channel`);
  }
  value.object ??= vmCall(call).run.object("channel", value.id);
  return value.object as ChannelObject;
}

function atomicOf(call: Call, value: Value) {
  if (!(value instanceof HHandle) || value.kind !== "atomic") return null;
  return vmCall(call).run.object("atomic", value.id);
}

export const concurrencyBuiltins: readonly Builtin[] = [
  positional("await", {
    sig: "(task: any) -> any",
    doc: "Waits for a task and gives its value, or raises its failure. Any other value is given back.",
    needs: "nothing",
    examples: [{ code: "let t = spawn { 1 + 1 }\nprintln(await(t))", prints: "2" }],
    run(call, value) {
      if (!(value instanceof HHandle) || value.kind !== "task") return value;
      const vm = vmCall(call);
      const task = taskOf(vm, value);
      if (task === null) return null;
      const late = task.result === null && handOver(vm, task);
      if (task.result !== null && !late) return joined(vm, task);
      return awaitAny([{ kind: "task", id: task.id, held: task, late }], value);
    },
    finish(call, _outcome, data) {
      const vm = vmCall(call);
      const task = taskOf(vm, data);
      return task === null ? null : joined(vm, task);
    },
  }),
  builtin("cancel", {
    sig: "(task: any) -> nil",
    doc: "Cancels a task with everything it started. Its `finally` and `defer` blocks run.",
    needs: "nothing",
    examples: [{ code: 'let t = spawn { sleep(10s) }\ncancel(t)\nprintln("gone")', prints: "gone" }],
    run(call, args) {
      const vm = vmCall(call);
      const task = taskOf(vm, args.raw("task"));
      if (task !== null && task.result === null) cancelFiber(vm.run, task.fiber, "cancelled");
      return null;
    },
  }),
  suspending("cancel_graceful", {
    sig: "(task: any, timeout?: duration) -> Result",
    doc: "Asks a task to stop (it sees `is_cancelled()`), waits up to `timeout` (default 5s), then cancels it. Ok(value) or Err(text).",
    needs: "nothing",
    examples: [
      {
        code: 'let task = spawn {\n  while !is_cancelled() {\n    sleep(1ms)\n  }\n  "tidy"\n}\nprintln(cancel_graceful(task, 1s))',
        prints: "Result.Ok(tidy)",
      },
    ],
    run(call, args) {
      const vm = vmCall(call);
      const value = args.raw("task");
      const task = taskOf(vm, value);
      if (task === null) return new HEnum("Result", "Ok", [null]);
      if (task.result === null) {
        vm.run.stopRequests.add(task.fiber);
        const due = call.ports.clock.nowMs() + milliseconds(args.raw("timeout"), 5_000);
        return awaitAny(
          [
            { kind: "task", id: task.id, held: task },
            { kind: "timer", due },
          ],
          value,
        );
      }
      return settled(vm, task);
    },
    finish(call, outcome, data) {
      const vm = vmCall(call);
      const task = taskOf(vm, data);
      if (task === null) return new HEnum("Result", "Ok", [null]);
      if (outcome.kind === "ready" && outcome.source === 1) {
        cancelFiber(vm.run, task.fiber, "cancelled");
        return new HEnum("Result", "Err", ["graceful cancel timed out"]);
      }
      return settled(vm, task);
    },
  }),
  builtin("is_cancelled", {
    sig: "() -> bool",
    doc: "Was this task asked to stop by `cancel_graceful`?",
    needs: "nothing",
    examples: [{ code: "println(is_cancelled())", prints: "false" }],
    run(call) {
      const vm = vmCall(call);
      return vm.run.stopRequests.has(vm.fiber.id);
    },
  }),
  suspending("sleep", {
    sig: "(time: duration) -> nil",
    doc: "Waits. Ints are milliseconds. A deadline or a cancellation ends it.",
    needs: "nothing",
    examples: [{ code: 'sleep(1ms)\nprintln("awake")', prints: "awake" }],
    run(call, args) {
      const due = call.ports.clock.nowMs() + milliseconds(args.raw("time"), 0);
      return awaitAny([{ kind: "timer", due }]);
    },
    finish: () => null,
  }),
  builtin("channel", {
    sig: "(name?: string, capacity?: int) -> channel",
    doc: "A bounded channel (capacity 256 unless given, at least 1).",
    needs: "nothing",
    examples: [{ code: 'let c = channel("jobs", 2)\nsend(c, 1)\nprintln(receive(c))', prints: "1" }],
    run(call, args) {
      const capacity = Math.max(1, args.has("capacity") ? args.int("capacity", 256) : 256);
      const name = args.has("name") ? args.text("name") : "default";
      return vmCall(call).run.newHandle("channel", (id) => newChannel(id, name, capacity));
    },
  }),
  builtin("close_channel", {
    sig: "(channel: channel) -> nil",
    doc: "Closes a channel: what it holds can still be received, nothing more can be sent.",
    needs: "nothing",
    examples: [
      {
        code: 'let c = channel("work", 2)\nsend(c, 1)\nclose_channel(c)\nprintln([receive(c), receive(c)])',
        prints: "[1, nil]",
      },
    ],
    run(call, args) {
      const { run } = vmCall(call);
      closeChannel(run, channelOf(call, args.raw("channel"), "close_channel"));
      return null;
    },
  }),
  positional("send", {
    sig: "(channel: channel, value: any) -> bool",
    doc: "Waits for room and sends; false when the channel is closed.",
    needs: "nothing",
    examples: [
      {
        code: 'let c = channel("work", 1)\nprintln(send(c, "job"))\nclose_channel(c)\nprintln(send(c, "late"))',
        prints: "true\nfalse",
      },
    ],
    run(call, handle, value) {
      const channel = channelOf(call, handle, "send");
      if (channel.closed) return false;
      if (giveToChannel(vmCall(call).run, channel, value)) return true;
      return awaitAny([{ kind: "send", channel: channel.id, value }]);
    },
  }),
  positional("receive", {
    sig: "(channel: channel) -> any",
    doc: "Waits for the next value; nil when the channel is closed and empty.",
    needs: "nothing",
    examples: [{ code: 'let c = channel("work", 1)\nsend(c, "job")\nprintln(receive(c))', prints: "job" }],
    run(call, handle) {
      const channel = channelOf(call, handle, "receive");
      const taken = takeFromChannel(vmCall(call).run, channel);
      if (taken !== undefined) return taken;
      if (channel.closed) return null;
      channel.receiving ??= awaitAny([{ kind: "receive", channel: channel.id, held: channel }]);
      return channel.receiving;
    },
  }),
  builtin("try_receive", {
    sig: "(channel: channel) -> any",
    doc: "The next value, or nil when there is none now.",
    needs: "nothing",
    examples: [
      {
        code: 'let c = channel("work", 1)\nprintln(try_receive(c))\nsend(c, "job")\nprintln(try_receive(c))',
        prints: "nil\njob",
      },
    ],
    run(call, args) {
      return takeFromChannel(vmCall(call).run, channelOf(call, args.raw("channel"), "try_receive")) ?? null;
    },
  }),
  suspending("select", {
    sig: "(...channels: channel) -> dict",
    doc: "Waits for the first channel that has a value: {index, value, channel}; index -1 when all are closed.",
    needs: "nothing",
    examples: [
      {
        code: 'let a = channel("a", 1)\nlet b = channel("b", 1)\nsend(b, "from b")\nlet first = select(a, b)\nprintln("${first.index}: ${first.value}")',
        prints: "1: from b",
      },
    ],
    run(call, args) {
      const { run } = vmCall(call);
      const channels = args.rest("channels");
      if (channels.length === 0) throw thrownError("select: at least one channel is required");
      const ids = channels.map((value) => {
        if (!(value instanceof HHandle) || value.kind !== "channel")
          throw thrownError("select: arguments must be channels");
        return value.id;
      });
      for (let i = 0; i < ids.length; i++) {
        const value = takeFromChannel(run, run.object("channel", ids[i]!));
        if (value !== undefined) return HDict.of({ index: i, value, channel: channels[i]! });
      }
      const open = ids.filter((id) => !run.object("channel", id).closed);
      if (open.length === 0) return HDict.of({ index: -1, value: null, channel: null });
      const cases = open.map((id) => new HPair(ids.indexOf(id), new HHandle("channel", id)));
      return awaitAny(
        open.map((channel) => ({ kind: "receive" as const, channel })),
        new HList(cases),
      );
    },
    finish(_call, outcome, data) {
      const chosen = outcome.kind === "ready" && data instanceof HList ? data.items[outcome.source] : undefined;
      if (outcome.kind !== "ready" || !(chosen instanceof HPair))
        return HDict.of({ index: -1, value: null, channel: null });
      return HDict.of({ index: chosen.first, value: outcome.value, channel: chosen.second });
    },
  }),
  builtin("atomic", {
    sig: "(initial?: any) -> atomic",
    doc: "A shared whole number.",
    needs: "nothing",
    examples: [{ code: "let a = atomic(1)\natomic_add(a, 2)\nprintln(atomic_get(a))", prints: "3" }],
    run(call, args) {
      const raw = args.raw("initial");
      const value = raw === true ? 1 : typeof raw === "bigint" ? raw : args.int("initial", 0);
      return vmCall(call).run.newHandle("atomic", (id) => ({ kind: "atomic", id, value }));
    },
  }),
  builtin("atomic_get", {
    sig: "(cell: atomic) -> int",
    doc: "The number now.",
    needs: "nothing",
    examples: [{ code: "let n = atomic(4)\nprintln(atomic_get(n))", prints: "4" }],
    run: (call, args) => atomicOf(call, args.raw("cell"))?.value ?? null,
  }),
  builtin("atomic_set", {
    sig: "(cell: atomic, value: int) -> int",
    doc: "Stores a number; gives the one before.",
    needs: "nothing",
    examples: [{ code: "let n = atomic(4)\nprintln(atomic_set(n, 9))\nprintln(atomic_get(n))", prints: "4\n9" }],
    run(call, args) {
      const cell = atomicOf(call, args.raw("cell"));
      if (cell === null || !args.has("value")) return null;
      const before = cell.value;
      cell.value = args.int("value", 0);
      vmCall(call).run.changed(cell);
      return before;
    },
  }),
  builtin("atomic_add", {
    sig: "(cell: atomic, value: int) -> int",
    doc: "Adds; gives the number before.",
    needs: "nothing",
    examples: [{ code: "let n = atomic(4)\nprintln(atomic_add(n, 2))\nprintln(atomic_get(n))", prints: "4\n6" }],
    run(call, args) {
      const cell = atomicOf(call, args.raw("cell"));
      if (cell === null || !args.has("value")) return null;
      const before = cell.value;
      cell.value = Number(before) + args.int("value", 0);
      vmCall(call).run.changed(cell);
      return before;
    },
  }),
  builtin("atomic_cas", {
    sig: "(cell: atomic, old: int, new: int) -> bool",
    doc: "Stores `new` if the number is `old`; true when it did.",
    needs: "nothing",
    examples: [
      { code: "let n = atomic(4)\nprintln(atomic_cas(n, 4, 5))\nprintln(atomic_cas(n, 4, 6))", prints: "true\nfalse" },
    ],
    run(call, args) {
      const cell = atomicOf(call, args.raw("cell"));
      if (cell === null || args.count < 3 || cell.value !== args.int("old", 0)) return false;
      cell.value = args.int("new", 0);
      vmCall(call).run.changed(cell);
      return true;
    },
  }),
];

function settled(call: VmCall, task: TaskObject): Value {
  const result = joinTask(call.run, call, task);
  if (result.kind === "value") return new HEnum("Result", "Ok", [share(result.value)]);
  return new HEnum("Result", "Err", [result.kind === "failed" ? caughtValue(result.error) : result.reason]);
}
