/**
 * Lending: a function of the module that only looks at a parameter gets it without a mark, so that its caller goes on changing in place what it passed.
 *
 * Invariants
 * 1. A parameter is only looked at when no instruction takes what it holds (last-uses.ts), except to lend it on, and none returns it. Everything else that keeps a value
 *    marks it, the caller's with it.
 * 2. While it is lent the caller's variable is not read, assigned or given up: no other argument names it, and the caller waits for the call.
 * 3. What a generator is given it keeps after the call: nothing is lent to it.
 */
import { OPCODES, Op } from "../bytecode/opcodes.ts";
import { forEachNode } from "../check/walk.ts";
import type { Expr } from "../syntax/ast.ts";
import { mayAssign } from "./operands.ts";

/** Parameters that have a bit. */
const MOST_BITS = 31;

/** An argument that may be lent: the COPY that makes it, and the parameter of a function in a slot that it is for. */
export interface Loan {
  readonly pc: number;
  readonly slot: number;
  readonly param: number;
}

/** What a function does with its registers, until it is known which parameters the others only look at. */
export interface Lender {
  readonly code: Int32Array;
  readonly loans: readonly Loan[];
  /** Loans whose register is not read again, by the register. */
  readonly lentOn: readonly { readonly register: number; readonly loan: Loan }[];
}

/** True when the variable that argument `i` names is used nowhere else in the arguments, and nothing is assigned before the call. */
export function mayLend(args: readonly Expr[], i: number): boolean {
  const arg = args[i]!;
  if (arg.kind !== "name" || i >= MOST_BITS) return false;
  return args.every((other, k) => k === i || (!mayAssign(other) && !names(other, arg.name)));
}

function names(expr: Expr, name: string): boolean {
  let found = false;
  forEachNode(expr, (node) => {
    if (node.kind === "name" && node.name === name) found = true;
    return !found;
  });
  return found;
}

/** Parameters that `code` neither gives up (`given`: registers) nor returns, as bits. */
export function lookedAt(code: Int32Array, params: number, given: ReadonlySet<number>): number {
  let bits = 0;
  for (let i = 0; i < params && i < MOST_BITS; i++) if (!given.has(i)) bits |= 1 << i;
  for (let pc = 0; pc < code.length && bits !== 0; pc += OPCODES[code[pc]!]!.length) {
    if (code[pc] === Op.RET && code[pc + 1]! < MOST_BITS) bits &= ~(1 << code[pc + 1]!);
  }
  return bits;
}

/**
 * Lends what can be lent. `borrows`: by function, the bits that `lookedAt` gave; bits are taken back where a parameter is lent on to a function that
 * does not only look at it. `functionIn`: index of the function that a slot holds for good, or −1.
 */
export function settleLoans(
  lenders: ReadonlyMap<number, Lender>,
  borrows: number[],
  functionIn: (slot: number) => number,
): void {
  const has = (index: number, param: number): boolean => index >= 0 && ((borrows[index]! >> param) & 1) !== 0;
  /** Who lends a parameter of its own on, by function and parameter. */
  const lentBy = new Map<string, { readonly index: number; readonly param: number }[]>();
  const lost: { readonly index: number; readonly param: number }[] = [];
  for (const [index, { lentOn }] of lenders) {
    for (const { register, loan } of lentOn) {
      if (register >= MOST_BITS || !has(index, register)) continue;
      const target = functionIn(loan.slot);
      const key = `${target} ${loan.param}`;
      const others = lentBy.get(key);
      if (!has(target, loan.param)) lost.push({ index, param: register });
      else if (others === undefined) lentBy.set(key, [{ index, param: register }]);
      else others.push({ index, param: register });
    }
  }
  for (let next = lost.pop(); next !== undefined; next = lost.pop()) {
    if (!has(next.index, next.param)) continue;
    borrows[next.index]! &= ~(1 << next.param);
    lost.push(...(lentBy.get(`${next.index} ${next.param}`) ?? []));
  }
  for (const { code, loans } of lenders.values()) {
    for (const { pc, slot, param } of loans)
      if (code[pc] === Op.COPY && has(functionIn(slot), param)) code[pc] = Op.MOVE;
  }
}
