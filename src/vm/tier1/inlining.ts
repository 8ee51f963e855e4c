/**
 * Small functions as part of the code that calls them.
 *
 * Invariants
 * 1. Only functions that change nothing until they are left: what does not go the usual way in them leaves the caller in front of the call, which tier 0
 *    then makes from its beginning. Whatever has to be learned, it learns there.
 * 2. So their code has no way out but `EXIT`, calls nothing that could fail or wait, and needs no place in traces.
 */
import type { FunctionProto } from "../../bytecode/chunk.ts";
import { Op } from "../../bytecode/opcodes.ts";
import { ControlFlow } from "./control-flow.ts";
import { analyse } from "./facts.ts";
import { COLD, EXIT, FunctionSource } from "./function-source.ts";
import type { Unit } from "./unit.ts";

/** Words of code. */
const LARGEST_INLINED = 100;
/** Functions in functions. */
const DEEPEST = 3;
/** Lines that the code of a caller may grow to. */
const MOST_LINES = 600;

/** These change nothing that is there already. */
const PURE: ReadonlySet<number> = new Set([
  ...[Op.CONST, Op.INT, Op.NIL, Op.TRUE, Op.FALSE, Op.MOVE, Op.COPY, Op.SHARE, Op.GET_SLOT],
  ...[Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.MOD, Op.NEG, Op.NOT, Op.EQ, Op.NE, Op.LT, Op.GT, Op.LE, Op.GE],
  ...[Op.GET_FIELD, Op.GET_FIELD_OPT, Op.GET_INDEX, Op.HAS_KEY, Op.IS_KIND, Op.BUILTIN, Op.CALL, Op.METHOD],
  ...[Op.BLOCK, Op.END, Op.BR, Op.BR_IF, Op.BR_UNLESS, Op.BR_NIL, Op.BR_NOT_NIL, Op.RET, Op.RET_NIL],
]);

/** What code has in it that refers to its own activation, or changes a list. */
const OWN = /\bX\.|\bP\b|\bU\.|\b[FE]\[|\bS\b|\bself\b|\bq\b|\.push\(|\bpushItem\(/;

/** Writes the body of a function with these arguments; the variable with the result, or null when it cannot be part of the caller's code. */
export function inlineCall(s: FunctionSource, unit: Unit, args: readonly string[], leave: string): string | null {
  const { proto } = unit;
  if (s.mode !== "fast" || unit.mode !== "fast" || unit.direct === null || s.lines.length > MOST_LINES) return null;
  if (proto.code.length > LARGEST_INLINED || proto.captures.length > 0 || depthOf(s, proto) > DEEPEST) return null;
  const facts = analyse(proto, unit.feedback, -1);
  if (facts === null || !facts.instructions.list.every(({ op }) => PURE.has(op))) return null;
  const prefix = s.nextPrefix();
  const inner = new FunctionSource(facts, s.tier.run.link(proto.chunk), s.tier, unit, false, { outer: s, prefix });
  if (inner.direct === null || inner.direct.givesFloats !== unit.direct.givesFloats) return null;
  args.forEach((code, i) => {
    inner.emit(`${inner.variable(facts.webs.find(facts.webs.entry[i]!))} = ${code};`);
  });
  const given = inner.lines.length;
  new ControlFlow(inner, -1).write();
  const body = inner.lines.slice(given).join("\n");
  if (body.includes(COLD) || OWN.test(body)) return null;
  for (const name of inner.variables) s.variables.add(name);
  s.variables.add(`${prefix}r`);
  s.costs += inner.costs;
  for (const line of inner.lines.slice(0, given)) s.emit(line);
  s.emit(`${prefix}END: {`);
  for (const line of inner.lines.slice(given)) s.emit(line.replaceAll(EXIT, leave));
  s.emit("}");
  return `${prefix}r`;
}

/** How many functions the code stands in; many, when the function is one of them. */
function depthOf(s: FunctionSource, proto: FunctionProto): number {
  if (s.facts.proto === proto) return DEEPEST + 1;
  return s.within === null ? 1 : 1 + depthOf(s.within.outer, proto);
}
