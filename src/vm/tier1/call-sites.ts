/**
 * Generated calls. Each may give SUSPEND: then the activation is saved or fails (`out`), unless a tail call is pending, which `land` follows.
 */
import { Op } from "../../bytecode/opcodes.ts";
import type { FunctionSource } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";

/** True when the instruction was a call. */
export function emitCall(s: FunctionSource, instruction: Instruction): boolean {
  const { op, args, pc } = instruction;
  const dst = args[0]!;
  const list = (base: number, count: number): string => `[${s.run(instruction, base, count).join(", ")}]`;
  switch (op) {
    case Op.CALL: {
      const callee = s.value(instruction, 1);
      const values = s.run(instruction, args[2]!, args[3]!);
      finish(
        s,
        instruction,
        dst,
        `${callee} instanceof HClosure && ${callee}.code !== null ? ${callee}.code(${["m", callee, ...values].join(", ")}) : X.call((X.p = P, m), ${callee}, [${values.join(", ")}], ${pc}, ${dst})`,
      );
      return true;
    }
    case Op.CALL_SPREAD:
      finish(
        s,
        instruction,
        dst,
        `X.call((X.p = P, m), ${s.value(instruction, 1)}, ${s.value(instruction, 2)}.items, ${pc}, ${dst})`,
      );
      return true;
    case Op.BUILTIN: {
      const builtin = s.linked.builtins[args[1]!];
      const values = list(args[2]!, args[3]!);
      if (builtin == null) {
        const message = JSON.stringify(`Undefined builtin: ${s.linked.constants[args[1]!]}`);
        s.emit(`X.k = ${pc}; throw raised("plain", ${message});`);
      } else if (builtin.prelude === null && !builtin.suspends && builtin.needs === "nothing") {
        s.assign(instruction, `(X.k = ${pc}, X.p = P, ${s.external(builtin)}.run(X.c, ${values}, false))`);
      } else
        finish(s, instruction, dst, `X.builtin(m, (X.p = P, ${s.external(builtin)}), ${values}, false, ${pc}, ${dst})`);
      return true;
    }
    case Op.METHOD:
      finish(
        s,
        instruction,
        dst,
        `X.method((X.p = P, m), ${s.value(instruction, 1)}, ${s.constantString(args[2]!)}, ${list(args[3]!, args[4]!)}, ${args[5]}, ${pc}, ${dst})`,
      );
      return true;
    case Op.METHOD_SPREAD:
      finish(
        s,
        instruction,
        dst,
        `X.method((X.p = P, m), ${s.value(instruction, 1)}, ${s.constantString(args[2]!)}, ${s.value(instruction, 3)}.items, ${args[4]}, ${pc}, ${dst})`,
      );
      return true;
    case Op.TAIL_CALL: {
      const callee = s.value(instruction, 0);
      const values = s.run(instruction, args[1]!, args[2]!);
      s.emit(
        `if (${callee} instanceof HClosure && ${callee}.proto.kind !== "generator") return X.tail(m, ${callee}, [${values.join(", ")}]);`,
      );
      finish(s, instruction, dst, `X.call((X.p = P, m), ${callee}, [${values.join(", ")}], ${pc}, ${dst})`);
      return true;
    }
    default:
      return false;
  }
}

/** Assigns the result of a call that may be suspended or fail. */
export function finish(s: FunctionSource, instruction: Instruction, dst: number, call: string): void {
  s.variables.add("v");
  s.emit(`v = ${call};`);
  s.emit(`if (v === S && (v = X.land(m)) === S) ${s.leaveAfter(instruction, dst)}`);
  s.assign(instruction, "v");
}
