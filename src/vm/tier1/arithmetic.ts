/**
 * Arithmetic and comparison, inlined: what is known of the operands decides which tests remain; rare cases call value/numbers.ts.
 *
 * The tests (the invariants of value/value.ts make them enough)
 * 1. A sum, difference or product that is not integral is the right float, whatever its operands are.
 * 2. An integral one is the right int when both operands are integral and it is a safe integer.
 * 3. Infinity is integral for `floor`, but never passes as a safe integer.
 */
import { Op } from "../../bytecode/opcodes.ts";
import { SHORT_TEXT } from "../../value/cost.ts";
import type { FunctionSource } from "./function-source.ts";
import type { Instruction } from "./instructions.ts";
import type { Operand } from "./operand.ts";
import { joined } from "./texts.ts";
import { only, T } from "./value-types.ts";

/** A thousand comparisons of texts of this length end in time. */
const LONG_TEXT = 65_536;
const MOST = "9007199254740991";
const NUMBER = T.INT | T.BIG | T.FLOAT;
const SYMBOL: { readonly [op: number]: readonly [symbol: string, helper: string] } = {
  [Op.ADD]: ["+", "add"],
  [Op.SUB]: ["-", "sub"],
  [Op.MUL]: ["*", "mul"],
  [Op.DIV]: ["/", "div"],
  [Op.MOD]: ["%", "mod"],
  [Op.POW]: ["**", "pow"],
  [Op.LT]: ["<", "<"],
  [Op.GT]: [">", ">"],
  [Op.LE]: ["<=", "<="],
  [Op.GE]: [">=", ">="],
};

/** Tests that must hold for `operand` to be a JavaScript number; null: it never is. */
function numberTest(operand: Operand): string | null {
  if (operand.raw || only(operand.type, T.INT)) return "";
  if ((operand.type & NUMBER) === 0) return null;
  return `typeof ${operand.code} === "number"`;
}

const all = (...tests: readonly string[]): string => tests.filter((test) => test !== "").join(" && ");

function literalInt({ constant }: Operand): number | null {
  if (typeof constant !== "object" || constant === null || constant.kind !== "int") return null;
  return typeof constant.value === "number" ? constant.value : null;
}

const within = (name: string): string => `${name} <= ${MOST} && ${name} >= -${MOST}`;

/** A sum may be a large list or dict. */
function charged(helper: string, a: string, b: string): string {
  const meter = helper === "add" || helper === "addTo" ? ", X.c" : "";
  return `${helper}${meter === "" ? "" : "Values"}(${a}, ${b}${meter})`;
}

/** `float`: the double `t` is the result, whatever the operands; `int`: of integral operands, what `whole` says. */
function outlined(helper: string, compute: string, float: string, int: string, whole: string): string {
  return [
    `function rest_${helper}(a, b, k) {`,
    'if (typeof a === "number" && typeof b === "number") {',
    `const t = ${compute};`,
    `if (${float}) return t;`,
    `if (floor(a) === a && floor(b) === b && ${int}) return ${whole};`,
    `} X.k = k; return ${charged(helper, "a", "b")}; }`,
  ].join(" ");
}

const fraction = "t !== floor(t)";
const quotientFloat = `${fraction} && (floor(a) !== a || floor(b) !== b) && b !== 0`;
const quotientInt = `b !== 0 && ${within("a")} && ${within("b")}`;

/** What follows when operands are no small ints. Each generated function has its own, so that V8 knows what it meets there. */
const OUTLINED: { readonly [op: number]: string } = {
  [Op.ADD]: outlined("add", "a + b", fraction, within("t"), "t"),
  [Op.SUB]: outlined("sub", "a - b", fraction, within("t"), "t"),
  [Op.MUL]: outlined("mul", "a * b", fraction, within("t"), "t + 0"),
  [Op.DIV]: outlined("div", "a / b", quotientFloat, quotientInt, "trunc(t) + 0"),
  [Op.MOD]: outlined("mod", "a % b", quotientFloat, quotientInt, "t + 0"),
};

const OUTLINED_ADD_TO = outlined("addTo", "a + b", fraction, within("t"), "t");

/** A sum whose first operand nobody reads again. */
function isAddTo({ op, args }: Instruction): boolean {
  return op === Op.ADD && args[3] === 1;
}

export function emitBinary(s: FunctionSource, instruction: Instruction): void {
  const { op } = instruction;
  const a = s.operand(instruction, 1);
  const b = s.operand(instruction, 2);
  const [symbol, plainHelper] = SYMBOL[op]!;
  const helper = isAddTo(instruction) ? "addTo" : plainHelper;
  if (op === Op.ADD && a.type & b.type & (T.LIST | T.DICT)) s.costs++;
  const slow = s.cold(`(X.k = ${instruction.pc}, ${charged(helper, s.tagged(a), s.tagged(b))})`);
  if (op === Op.POW) {
    s.assign(instruction, slow);
    return;
  }
  // A text may become too long.
  const isText =
    op === Op.ADD && (only(a.type, T.STRING) || only(b.type, T.STRING)) && (a.type & b.type & T.STRING) !== 0;
  if (op === Op.ADD && only(a.type, T.STRING) && only(b.type, T.STRING)) {
    const sum = joined(s, instruction, a, b);
    if (sum === null) return;
    s.emit(`X.k = ${instruction.pc};`);
    s.assign(instruction, sum);
    return;
  }
  if (isText) s.emit(`X.k = ${instruction.pc};`);
  if (op === Op.ADD && only(a.type, T.STRING) && b.type & T.STRING) {
    s.assign(instruction, `typeof ${b.code} === "string" ? ${a.code} + ${b.code} : ${slow}`);
    return;
  }
  if (op === Op.ADD && only(b.type, T.STRING) && a.type & T.STRING) {
    s.assign(instruction, `typeof ${a.code} === "string" ? ${a.code} + ${b.code} : ${slow}`);
    return;
  }
  const testA = numberTest(a);
  const testB = numberTest(b);
  if (testA === null || testB === null) {
    s.assign(instruction, slow);
    return;
  }
  if (a.raw || b.raw) {
    emitFloat(s, instruction, symbol, a, b, slow);
    return;
  }
  if (emitInt(s, instruction, symbol, a, b)) return;
  const tests = all(testA, testB);
  const expression =
    op === Op.DIV || op === Op.MOD
      ? quotient(s, instruction, op, a, b, tests, slow)
      : sum(s, instruction, op, symbol, a, b, tests, slow);
  s.assign(instruction, expression);
}

/** Both sides are ints, and so was the result whenever it was seen: anything else leaves the activation. */
function emitInt(s: FunctionSource, instruction: Instruction, symbol: string, a: Operand, b: Operand): boolean {
  const { op } = instruction;
  if (!only(a.type, T.INT) || !only(b.type, T.INT)) return false;
  const given = s.facts.given.get(instruction.index)!;
  const kinds = s.facts.kinds.get(instruction.index)!;
  if (kinds === 0 || (kinds & ~T.INT) !== 0) return false;
  const small = only(a.type, T.SMALL) && only(b.type, T.SMALL);
  const divisor = literalInt(b);
  switch (op) {
    case Op.ADD:
    case Op.SUB:
    case Op.MUL: {
      // A product may be -0.
      const compute = `${a.code} ${symbol} ${b.code}${op === Op.MUL ? " + 0" : ""}`;
      if ((given & T.BIG) === 0 && kinds === given) s.assign(instruction, compute);
      else emitTested(s, instruction, compute, kinds === T.SMALL ? "t >> 0 === t" : within("t"));
      return true;
    }
    case Op.DIV: {
      const isSafe = divisor !== null && divisor !== 0 && divisor !== -1;
      if (!small || kinds !== T.SMALL) return false;
      if (isSafe) {
        const web = s.facts.webs.writtenBy(instruction.index, 0);
        s.emit(`${s.variable(web)} = (${a.code} / ${b.code}) >> 0;`);
        return true;
      }
      emitTested(
        s,
        instruction,
        `${b.code} > 0 ? (${a.code} / ${b.code}) >> 0 : ${b.code} !== 0 ? trunc(${a.code} / ${b.code}) + 0 : NaN`,
        "t >> 0 === t",
      );
      return true;
    }
    case Op.MOD: {
      const compute = `${a.code} % ${b.code} + 0`;
      if (divisor !== null && divisor !== 0 && kinds === given) s.assign(instruction, compute);
      else emitTested(s, instruction, compute, kinds === T.SMALL ? "t >> 0 === t" : "t === t");
      return true;
    }
    default:
      return false;
  }
}

function emitTested(s: FunctionSource, instruction: Instruction, compute: string, test: string): void {
  const web = s.facts.webs.writtenBy(instruction.index, 0);
  s.variables.add("t");
  s.emit(`t = ${compute};`);
  s.emit(`if (!(${test})) ${s.exit(s.coldly(s.missBefore(instruction, "t")))}`);
  s.emit(`${s.variable(web)} = t;`);
}

/** One side is a float for certain: so is the result. */
function emitFloat(
  s: FunctionSource,
  instruction: Instruction,
  symbol: string,
  a: Operand,
  b: Operand,
  slow: string,
): void {
  const tests = all(numberTest(a)!, numberTest(b)!);
  // A float modulo zero is an error.
  const zero = instruction.op === Op.MOD && b.constant === undefined ? `${b.code} !== 0` : "";
  const bothNumbers = all(tests, zero);
  const plain = `${a.code} ${symbol} ${b.code}`;
  if (bothNumbers === "" && !(instruction.op === Op.MOD && b.code === "0")) s.assignRaw(instruction, plain);
  else s.assignRaw(instruction, `${bothNumbers || "false"} ? ${plain} : toDouble(${slow})`);
}

function sum(
  s: FunctionSource,
  instruction: Instruction,
  op: number,
  symbol: string,
  a: Operand,
  b: Operand,
  tests: string,
  slow: string,
): string {
  s.variables.add("t");
  const mayFloat = ((a.type | b.type) & T.FLOAT) !== 0;
  const integral: string[] = [];
  if (a.type & T.FLOAT) integral.push(`floor(${a.code}) === ${a.code}`);
  if (b.type & T.FLOAT && a.code !== b.code) integral.push(`floor(${b.code}) === ${b.code}`);
  const moves = direction(op, a, b);
  const low = moves <= 0 ? `t >= -${MOST}` : "";
  const high = moves >= 0 ? `t <= ${MOST}` : "";
  const compute = `(t = ${a.code} ${symbol} ${b.code})`;
  const result = op === Op.MUL ? "t + 0" : "t";
  if (!mayFloat) {
    const bounds = [high, low].filter((test) => test !== "");
    const first = bounds[0]!.replace("t ", `${compute} `);
    return `${all(tests, first, ...bounds.slice(1))} ? ${result} : ${slow}`;
  }
  // Small ints first: V8 does not see that `floor` of an int is that int. A float for certain on one side has no such case.
  const small = [a, b].filter(({ type, constant }) => constant === undefined && type & T.INT);
  const isSmall = all(...new Set(small.map(({ code }) => `${code} >> 0 === ${code}`)));
  if (isSmall === "")
    return `${all(tests, `(${compute} !== floor(t) || (${all(...integral, high, low)}))`)} ? ${result} : ${slow}`;
  const rest = s.rest(isAddTo(instruction) ? OUTLINED_ADD_TO : OUTLINED[op]!, [a.code, b.code], instruction.pc);
  if ([a, b].some((operand) => (literalInt(operand) ?? 0) !== ((literalInt(operand) ?? 0) | 0))) return rest;
  // A product of small ints may be too large.
  if (op === Op.MUL) {
    // Of products, most whose operands are of unknown kind are floats.
    const whole = `${all(isSmall, `t <= ${MOST}`, `t >= -${MOST}`)} ? t + 0 : ${rest}`;
    return `${all(tests, "true")} ? (${compute} !== floor(t) ? t : ${whole}) : ${rest}`;
  }
  return `${all(tests, isSmall)} ? ${a.code} ${symbol} ${b.code} : ${rest}`;
}

/** Adding or subtracting a literal moves one way only: −1 down, 1 up, 0 either. */
function direction(op: number, a: Operand, b: Operand): number {
  const left = literalInt(a);
  const right = literalInt(b);
  if (op === Op.ADD) return Math.sign(right ?? left ?? 0);
  return op === Op.SUB ? -Math.sign(right ?? 0) : 0;
}

function quotient(
  s: FunctionSource,
  instruction: Instruction,
  op: number,
  a: Operand,
  b: Operand,
  tests: string,
  slow: string,
): string {
  const whole = op === Op.DIV ? `trunc(${a.code} / ${b.code}) + 0` : `${a.code} % ${b.code} + 0`;
  const divisor = literalInt(b) !== null && b.code !== "0" ? "" : `${b.code} !== 0`;
  if (((a.type | b.type) & T.FLOAT) === 0) {
    const condition = all(tests, divisor);
    return condition === "" ? whole : `${condition} ? ${whole} : ${slow}`;
  }
  const rest = s.rest(OUTLINED[op]!, [a.code, b.code], instruction.pc);
  if ((literalInt(b) ?? 0) !== ((literalInt(b) ?? 0) | 0)) return rest;
  const small: string[] = [`${a.code} >> 0 === ${a.code}`];
  if (literalInt(b) === null) small.push(`${b.code} >> 0 === ${b.code}`);
  return `${all(tests, ...small, divisor)} ? ${whole} : ${rest}`;
}

export function emitNegate(s: FunctionSource, instruction: Instruction): void {
  const a = s.operand(instruction, 1);
  if (a.raw) s.assignRaw(instruction, `-${a.code}`);
  else if (only(a.type, T.INT)) s.assign(instruction, `0 - ${a.code}`);
  else
    s.assign(
      instruction,
      `typeof ${a.code} === "number" ? 0 - ${a.code} : (X.k = ${instruction.pc}, negate(${a.code}))`,
    );
}

export function emitCompare(s: FunctionSource, instruction: Instruction): void {
  const a = s.operand(instruction, 1);
  const b = s.operand(instruction, 2);
  const [symbol] = SYMBOL[instruction.op]!;
  const slow = `compareValues(${s.tagged(a)}, ${s.tagged(b)}, ${s.meter}) ${symbol} 0`;
  const text = [a, b].find(({ constant }) => isPlainText(constant));
  if (text !== undefined) {
    const other = text === a ? b : a;
    s.assign(instruction, `typeof ${s.tagged(other)} === "string" ? ${a.code} ${symbol} ${b.code} : ${slow}`);
    return;
  }
  const testA = numberTest(a);
  const testB = numberTest(b);
  if (testA === null || testB === null) {
    s.assign(instruction, slow);
    return;
  }
  // What compares as neither less nor greater counts as equal: NaN.
  const maybeNaN = ((a.type | b.type) & T.FLOAT) !== 0;
  const opposite = symbol === "<=" ? ">" : "<";
  const fast = maybeNaN && symbol.length === 2 ? `!(${a.code} ${opposite} ${b.code})` : `${a.code} ${symbol} ${b.code}`;
  const tests = all(testA, testB);
  s.assign(instruction, tests === "" ? fast : `${tests} ? ${fast} : ${slow}`);
}

/** Without surrogates, and below them: comparing any text with it by UTF-16 units gives the order of UTF-8 bytes. */
function isPlainText(constant: Operand["constant"]): boolean {
  if (typeof constant !== "object" || constant === null || constant.kind !== "string") return false;
  return !/[^\u0000-\ud7ff]/.test(constant.value);
}

export function emitEqual(s: FunctionSource, instruction: Instruction): void {
  const a = s.operand(instruction, 1);
  const b = s.operand(instruction, 2);
  const no = instruction.op === Op.NE;
  // Tier 0 compares those, and says what it costs: a call here would be in the way of what V8 takes out of loops.
  if (mayBeLong(a, b)) {
    s.emit(`if (${a.code}.length > ${LONG_TEXT}) ${s.exit(s.coldly(s.leaveAt(instruction)))}`);
    s.assign(instruction, `${a.code} ${no ? "!==" : "==="} ${b.code}`);
    return;
  }
  s.assign(instruction, equality(s, a, b, no));
}

const isLiteral = ({ constant }: Operand): boolean => constant !== undefined;

/** Both are texts, and the code does not say which. */
function mayBeLong(a: Operand, b: Operand): boolean {
  return only(a.type, T.STRING) && only(b.type, T.STRING) && !isLiteral(a) && !isLiteral(b);
}

function equality(s: FunctionSource, a: Operand, b: Operand, no: boolean): string {
  const same = no ? "!==" : "===";
  const slow = (): string => `${no ? "!" : ""}valuesEqual(${s.tagged(a)}, ${s.tagged(b)}, ${s.meter})`;
  const strict = `${a.code} ${same} ${b.code}`;
  const number = T.INT | T.FLOAT;
  if ((a.raw || only(a.type, T.INT)) && (b.raw || only(b.type, T.INT))) return strict;
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const) {
    if (y.raw || x.raw) continue;
    // Nothing else is equal to these.
    if (only(x.type, T.NIL) || only(x.type, T.BOOL)) return strict;
    if (only(x.type, T.STRING) && (isLiteral(x) || isLiteral(y) || (y.type & T.STRING) === 0)) return strict;
    if (only(x.type, T.INT)) return `typeof ${y.code} === "number" ? ${strict} : ${slow()}`;
  }
  if (a.raw || b.raw) {
    const other = a.raw ? b : a;
    return other.type & number ? `typeof ${other.code} === "number" ? ${strict} : ${slow()}` : slow();
  }
  return `typeof ${a.code} === "number" && typeof ${b.code} === "number" || typeof ${a.code} === "string" && ${a.code}.length <= ${SHORT_TEXT} ? ${strict} : ${slow()}`;
}

/** A JavaScript condition: the operand counts as true. */
export function truth(operand: Operand): string {
  if (operand.raw) return `!(${operand.code} === 0)`;
  if (only(operand.type, T.BOOL)) return operand.code;
  return `(${operand.code} === true || (${operand.code} !== false && isTruthy(${operand.code})))`;
}
