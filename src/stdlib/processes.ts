/**
 * Other programs. Running one is an effect that may not be repeated: if our process dies while it runs, the program gets an error of category
 * `effect_unknown` instead of a second run, unless the scope says that what it runs may be repeated.
 */
import type { JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import type { Call, Outcome, Suspension } from "../builtin/call.ts";
import { awaitEffect } from "../builtin/call.ts";
import type { Builtin, Need } from "../builtin/declaration.ts";
import { suspending } from "../builtin/declaration.ts";
import { raiseFailure, thrownError } from "../builtin/raise.ts";
import { displayValue } from "../value/display.ts";
import { HDict, type Value } from "../value/value.ts";
import { resolvePath } from "./files.ts";

const NEEDS: Need = { grant: "process.exec", effect: "process_exec", over: "process.exec" };

export type Command = { readonly argv: readonly string[] } | { readonly shell: string };

/** Runs it and waits; `label` comes back as the data of the wait. */
export function runProcess(call: Call, command: Command, folder: string | null, label: string): Suspension {
  const repeatable = call.scope.repeatable;
  const args: JsonObject = {
    ...command,
    cwd: folder === null ? call.scope.cwd : resolvePath(call, folder),
    overlay: call.scope.env,
    ...(repeatable ? { repeatable } : {}),
  };
  return awaitEffect(
    { kind: "process.run", version: 1, args, repeat: repeatable ? "safe" : "never", place: "host" },
    label,
  );
}

/** `{stdout, stderr, status, success}`; status -1 when a signal ended it. */
function finishProcess(_call: Call, outcome: Outcome, data: Value): Value {
  if (outcome.kind === "failed") {
    if (outcome.category !== null) throw raiseFailure(outcome);
    throw thrownError(`${displayValue(data)} failed: ${outcome.message}`);
  }
  const result = outcome.kind === "result" && isJsonObject(outcome.result) ? outcome.result : {};
  const status = typeof result.status === "number" ? result.status : -1;
  const text = (key: string): string => (typeof result[key] === "string" ? result[key] : "");
  return HDict.of({ stdout: text("stdout"), stderr: text("stderr"), status, success: status === 0 });
}

const texts = (values: readonly Value[]) => values.map((value) => displayValue(value));

export const processBuiltins: readonly Builtin[] = [
  suspending("exec", {
    sig: "(program: any, ...arguments: any) -> dict",
    doc: "Runs a program, without a shell, in the working folder: {stdout, stderr, status, success}.",
    needs: NEEDS,
    borrows: true,
    examples: [{ code: 'println(exec("echo", "hi").stdout)', prints: "hi\n" }],
    run(call, args) {
      if (!args.has("program")) throw thrownError("exec: command is required");
      return runProcess(call, { argv: texts(args.rest("program")) }, null, "exec");
    },
    finish: finishProcess,
  }),
  suspending("exec_at", {
    sig: "(folder: any, program: any, ...arguments: any) -> dict",
    doc: "As `exec`, in another folder.",
    needs: NEEDS,
    borrows: true,
    examples: [{ code: 'println(exec_at("/", "pwd").stdout)', prints: "/\n" }],
    run(call, args) {
      if (!args.has("program")) throw thrownError("exec_at: directory and command are required");
      return runProcess(call, { argv: texts(args.rest("program")) }, args.text("folder"), "exec");
    },
    finish: finishProcess,
  }),
  suspending("shell", {
    sig: "(script: any) -> dict",
    doc: "Runs a text by the shell in the working folder: {stdout, stderr, status, success}.",
    needs: NEEDS,
    borrows: true,
    examples: [{ code: 'println(shell("exit 3").status)', prints: "3" }],
    run(call, args) {
      if (args.text("script") === "") throw thrownError("shell: command string is required");
      return runProcess(call, { shell: args.text("script") }, null, "shell");
    },
    finish: finishProcess,
  }),
  suspending("shell_at", {
    sig: "(folder: any, script: any) -> dict",
    doc: "As `shell`, in another folder.",
    needs: NEEDS,
    borrows: true,
    examples: [{ code: 'println(shell_at("/", "pwd").success)', prints: "true" }],
    run(call, args) {
      if (!args.has("script")) throw thrownError("shell_at: directory and command string are required");
      if (args.text("script") === "") throw thrownError("shell_at: command string is required");
      return runProcess(call, { shell: args.text("script") }, args.text("folder"), "shell");
    },
    finish: finishProcess,
  }),
];
