/** Pages on structs, enums and methods that are used otherwise than they are declared. */
import type { Explanations } from "./explanation.ts";

const POINT = "struct Point {\n  x: int\n  y: int\n}\n";
const STATE = "enum State {\n  Waiting\n  Done(result: string)\n}\n";

export const declaredPages: Explanations<
  "field-type" | "missing-field" | "unknown-field" | "unknown-method" | "unknown-variant"
> = {
  "field-type": {
    title: "a struct's field is given a value of another type",
    doc: "The declaration of the struct says which type each field has. Convert the value, or change the declaration.",
    wrong: `${POINT}println(Point {x: 1, y: "2"})\n`,
    right: `${POINT}println(Point {x: 1, y: 2})\n`,
  },
  "missing-field": {
    title: "a struct is made without one of its fields",
    doc: "The field would be nil. Give it a value, or declare it as one that may be missing: `y?: int`.",
    wrong: `${POINT}println(Point {x: 1})\n`,
    right: `${POINT}println(Point {x: 1, y: 0})\n`,
  },
  "unknown-field": {
    title: "a field that the type does not have",
    doc: "Reading it gives nil, writing it makes a field that nothing else knows of. For dicts of a declared shape it is reported only where a field of a similar name exists: they may have more keys than the shape says.",
    wrong: `${POINT}let p = Point {x: 1, y: 2}\nprintln(p.z)\n`,
    right: `${POINT}let p = Point {x: 1, y: 2}\nprintln(p.y)\n`,
  },
  "unknown-method": {
    title: "a method that the type does not have",
    doc: "The call fails when it is reached. `harn builtins lists`, and so on for `strings`, `dicts`, `sets` and `iterators`, shows the methods there are; the methods of a struct stand in its `impl` blocks.",
    wrong: "println([1, 2].append(3))\n",
    right: "println([1, 2].push(3))\n",
  },
  "unknown-variant": {
    title: "a variant that the enum does not have",
    doc: "Making it fails, and an arm with it never fits. The report lists the variants, or the one that was meant.",
    wrong: `${STATE}println(State.Finished("ok"))\n`,
    right: `${STATE}println(State.Done("ok"))\n`,
  },
};
