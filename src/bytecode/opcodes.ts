/**
 * The one table of instructions: enum, operand kinds, verifier, disassembler and the interpreter's switch are derived from it or checked
 * against it. An instruction is one word of opcode and one word an operand.
 *
 * Operand kinds: `d` register written; `r` register read; `R` first of a run of registers read, whose length is the next `n`; `k` constant;
 * `f` function; `s` module slot; `n` count or flag; `i` signed immediate; `t` branch target.
 */
export type OperandKind = "d" | "r" | "R" | "k" | "f" | "s" | "n" | "i" | "t";

interface Row {
  readonly name: string;
  readonly operands: string;
  readonly effect: string;
}

const rows = [
  // Loads and moves
  { name: "CONST", operands: "dk", effect: "d := constant" },
  { name: "INT", operands: "di", effect: "d := small int" },
  { name: "NIL", operands: "d", effect: "d := nil" },
  { name: "TRUE", operands: "d", effect: "d := true" },
  { name: "FALSE", operands: "d", effect: "d := false" },
  {
    name: "MOVE",
    operands: "dr",
    effect: "d := r; the source is not read again before it is written, or only looked at",
  },
  { name: "COPY", operands: "dr", effect: "d := r, marked shared: both go on being used" },
  { name: "SHARE", operands: "r", effect: "marks the value of r as shared" },
  {
    name: "DEFINED",
    operands: "rk",
    effect: "raises Undefined variable k when r is nil (a sibling function called too early)",
  },
  // Module bindings
  { name: "GET_SLOT", operands: "ds", effect: "d := module slot, not marked; Undefined variable when unset" },
  { name: "SET_SLOT", operands: "sr", effect: "module slot := r" },
  { name: "GET_IMPORT", operands: "dk", effect: "d := binding of another module" },
  { name: "GET_BUILTIN", operands: "dk", effect: "d := the builtin named k, as a value" },
  {
    name: "GET_GLOBAL",
    operands: "dk",
    effect: "d := a global the host injected (argv, task, …), else Undefined variable k with a did-you-mean",
  },
  // Arithmetic and logic
  { name: "ADD", operands: "drr", effect: "sum, concatenation or overlay" },
  { name: "SUB", operands: "drr", effect: "difference" },
  { name: "MUL", operands: "drr", effect: "product, or repeated string" },
  { name: "DIV", operands: "drr", effect: "quotient; ints truncate" },
  { name: "MOD", operands: "drr", effect: "remainder, sign of the dividend" },
  { name: "POW", operands: "drr", effect: "power" },
  { name: "NEG", operands: "dr", effect: "negation" },
  { name: "NOT", operands: "dr", effect: "negated truth" },
  { name: "EQ", operands: "drr", effect: "structural equality" },
  { name: "NE", operands: "drr", effect: "its negation" },
  { name: "LT", operands: "drr", effect: "less" },
  { name: "GT", operands: "drr", effect: "greater" },
  { name: "LE", operands: "drr", effect: "not greater (unlike kinds compare equal)" },
  { name: "GE", operands: "drr", effect: "not less" },
  { name: "IN", operands: "drr", effect: "d := first operand is contained in the second" },
  { name: "CONCAT", operands: "dRn", effect: "joined display texts" },
  // Building
  { name: "LIST", operands: "dRn", effect: "list of n values, which move into it" },
  { name: "LIST_PUSH", operands: "rr", effect: "appends to a list under construction" },
  {
    name: "LIST_EXTEND",
    operands: "rr",
    effect: "appends the items of a list, set, range or iterator value; type error otherwise",
  },
  { name: "DICT", operands: "dkR", effect: "dict with the keys of shape k and the values from R…, which move into it" },
  { name: "DICT_SET", operands: "rrr", effect: "sets key (displayed) and value in a dict under construction" },
  { name: "DICT_SPREAD", operands: "rr", effect: "overlays a dict or struct; nil adds nothing" },
  { name: "STRUCT", operands: "dkr", effect: "struct named k over a dict just built" },
  { name: "ENUM", operands: "dkkRn", effect: "enum k, variant k, fields" },
  { name: "RANGE", operands: "drrn", effect: "range; n = 1 for exclusive" },
  { name: "CLOSURE", operands: "df", effect: "closure over the registers that the function captures, marked shared" },
  {
    name: "SET_CAPTURE",
    operands: "rnr",
    effect: "capture n of the closure in r := value (functions of one block see each other)",
  },
  // Reading parts
  { name: "GET_FIELD", operands: "drk", effect: "d := field or property k, not marked" },
  { name: "GET_FIELD_OPT", operands: "drk", effect: "the same, nil for nil" },
  { name: "GET_INDEX", operands: "drr", effect: "d := item, not marked" },
  { name: "GET_INDEX_OPT", operands: "drr", effect: "the same, nil for nil" },
  { name: "SLICE", operands: "drrr", effect: "d := part from r to r; nil bounds are open" },
  // Places: root register, path of keys in a run of registers
  {
    name: "SET_PATH",
    operands: "rRnr",
    effect:
      "sets the place root[path…] to r; every level is owned first (copied if shared); an error names what is missing",
  },
  {
    name: "TAKE_PATH",
    operands: "drRn",
    effect: "d := root[path…], owned on the way, not marked: the place is written next",
  },
  // Tests and patterns
  {
    name: "IS_VARIANT",
    operands: "drkk",
    effect: "d := r is variant k of enum k (an empty enum name matches any enum)",
  },
  { name: "VARIANT_FIELD", operands: "drn", effect: "d := field n of an enum value, or nil" },
  { name: "IS_KIND", operands: "drk", effect: "d := type_of(r) equals k" },
  { name: "HAS_KEY", operands: "drk", effect: "d := r is a dict or struct with key k" },
  { name: "LEN_AT_LEAST", operands: "drn", effect: "d := r is a list of at least n items" },
  {
    name: "DESTRUCTURE",
    operands: "rk",
    effect: "type error unless r can be taken apart by a pattern of kind k (`{...}` or `[...]`)",
  },
  {
    name: "REST_DICT",
    operands: "drk",
    effect: "d := dict or struct r without the keys of shape k; type error otherwise",
  },
  { name: "REST_LIST", operands: "drn", effect: "d := list r from item n on; type error otherwise" },
  {
    name: "CHECK_PARAM",
    operands: "rkk",
    effect: "type error unless r passes type k; second k is the parameter's name",
  },
  { name: "EXPECT_RESULT", operands: "r", effect: "type error unless r is a Result (for `?`)" },
  // Control
  { name: "BLOCK", operands: "t", effect: "opens a block whose END is t" },
  { name: "LOOP", operands: "t", effect: "opens a loop whose END is t; its head, where fuel is counted" },
  { name: "END", operands: "", effect: "closes the innermost block" },
  { name: "BR", operands: "t", effect: "branches" },
  { name: "BR_IF", operands: "rt", effect: "branches when r is true" },
  { name: "BR_UNLESS", operands: "rt", effect: "branches when r is false" },
  { name: "BR_NIL", operands: "rt", effect: "branches when r is nil" },
  { name: "BR_NOT_NIL", operands: "rt", effect: "branches when r is not nil" },
  { name: "ITER", operands: "dr", effect: "d := cursor over r" },
  {
    name: "ITER_NEXT",
    operands: "drt",
    effect: "d := next item of the cursor in r, or branches when there is none, and then d holds nothing; may wait",
  },
  { name: "ITER_CLOSE", operands: "r", effect: "ends the generator behind a cursor that is left early; may wait" },
  // Failure
  {
    name: "TRY",
    operands: "tdn",
    effect: "opens a protected region; t is its CATCH; d receives what is caught; n = 1 for finally",
  },
  {
    name: "CATCH",
    operands: "t",
    effect: "ends the region, begins its handler; t is its END, where normal flow continues",
  },
  { name: "CAUGHT_VALUE", operands: "dr", effect: "d := what a program sees of a caught failure" },
  { name: "CAUGHT_IS", operands: "drk", effect: "d := the caught value is of enum (or struct) k" },
  { name: "RETHROW", operands: "r", effect: "continues the unwinding that r holds" },
  { name: "THROW", operands: "r", effect: "raises a value" },
  { name: "RAISE", operands: "kk", effect: "raises an error of kind k (runtime, type or plain) with message k" },
  { name: "DEADLINE_PUSH", operands: "r", effect: "starts a deadline of r (duration or ms) for this activation" },
  { name: "DEADLINE_POP", operands: "", effect: "ends the newest" },
  // Calls. Arguments lie in a run of registers, and move.
  { name: "CALL", operands: "drRn", effect: "d := call of r" },
  { name: "CALL_SPREAD", operands: "drr", effect: "d := call of r with the items of a list" },
  { name: "TAIL_CALL", operands: "rRn", effect: "leaves this frame for the call" },
  { name: "BUILTIN", operands: "dkRn", effect: "d := call of the builtin k" },
  {
    name: "METHOD",
    operands: "drkRnn",
    effect:
      "d := method k of r; last n: bit 0 the receiver may be changed in place, bit 1 nil receiver gives nil, bit 2 nobody reads the receiver again",
  },
  { name: "METHOD_SPREAD", operands: "drkrn", effect: "the same with a list of arguments" },
  { name: "RET", operands: "r", effect: "returns r, which moves" },
  { name: "RET_NIL", operands: "", effect: "returns nil" },
  // Concurrency
  { name: "SPAWN", operands: "dr", effect: "d := task that runs the closure r on a fiber of its own" },
  {
    name: "PARALLEL",
    operands: "drrrn",
    effect: "d := results; closure, count or list, cap (nil: none), n: 0 count, 1 each, 2 settle",
  },
  {
    name: "SELECT",
    operands: "dRnrn",
    effect:
      "d := index of the channel that had a value, d+1 := the value; timeout in r (nil: none); last n = 1: do not wait. −1: none",
  },
  { name: "MUTEX_ENTER", operands: "n", effect: "takes the lock of site n of this module; may wait" },
  { name: "MUTEX_EXIT", operands: "n", effect: "gives it back" },
  { name: "YIELD", operands: "dr", effect: "hands r to the generator's consumer; d := nil when it goes on" },
  // What came later stands at the end: the numbers of the others are in stored chunks.
  {
    name: "ADD_TO",
    operands: "drr",
    effect: "ADD whose first operand is not read again: d may be it, changed in place",
  },
] as const satisfies readonly Row[];

export type OpName = (typeof rows)[number]["name"];

export interface OpInfo {
  readonly name: OpName;
  readonly code: number;
  readonly operands: readonly OperandKind[];
  /** Words, with the opcode. */
  readonly length: number;
  readonly effect: string;
}

export const OPCODES: readonly OpInfo[] = rows.map((row, code) => ({
  name: row.name,
  code,
  operands: row.operands.split("") as OperandKind[],
  length: 1 + row.operands.length,
  effect: row.effect,
}));

/** Each name with its place in the table, so that `14 satisfies typeof Op.ADD` compiles only while that is so. */
type Codes = {
  readonly [I in keyof typeof rows & `${number}` as (typeof rows)[I]["name"]]: I extends `${infer N extends number}`
    ? N
    : never;
};

/** `Op.ADD` etc. */
export const Op = Object.freeze(codes()) as { readonly [K in keyof Codes]: Codes[K] };

function codes(): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { name, code } of OPCODES) found[name] = code;
  return found;
}
