/** Run-time checks of typed parameters. int and float are interchangeable there, as in the reference. */
import { runtimeError, typeError } from "../builtin/raise.ts";
import type { TypeTest } from "../bytecode/chunk.ts";
import { itemsCost, type Meter, UNMETERED, valueCost } from "../value/cost.ts";
import { displayValue } from "../value/display.ts";
import { typeName } from "../value/type-name.ts";
import type { Value } from "../value/value.ts";
import { HDict, HEnum, HList, HRecord, HStruct } from "../value/value.ts";

/** Raises at the first place inside `value` that does not fit: which field of which part of the parameter. */
export function checkParameter(value: Value, test: TypeTest, name: string, meter: Meter): void {
  if (passes(value, test, meter)) return;
  refuse(value, test, name);
}

function refuse(value: Value, test: TypeTest, path: string): never {
  if (test.kind === "shape" && value instanceof HRecord) refuseField(value, test, path);
  if (test.kind === "list" && value instanceof HList) {
    const at = value.items.findIndex((item) => !passes(item, test.item, UNMETERED));
    refuseItem(value.items[at]!, test.item, `${path}[${at}]`);
  }
  if (test.kind === "dict" && value instanceof HRecord) {
    for (const [key, item] of value.entries())
      if (!passes(item, test.value, UNMETERED)) refuseItem(item, test.value, `${path}.${key}`);
  }
  throw runtimeError(
    `TypeError: parameter '${path}' expected ${describe(test)}, got ${typeName(value)} (${displayValue(value)})`,
  );
}

function refuseItem(item: Value, test: TypeTest, path: string): never {
  if (test.kind !== "name" && test.kind !== "literal" && test.kind !== "union") refuse(item, test, path);
  throw typeError(`parameter '${path}': expected type '${describe(test)}', got ${typeName(item)}`);
}

function refuseField(fields: HRecord, test: TypeTest & { kind: "shape" }, path: string): void {
  for (const field of test.fields) {
    const have = fields.get(field.name) ?? null;
    if (have === null && field.optional) continue;
    if (have !== null && passes(have, field.type, UNMETERED)) continue;
    if (have === null && !passes(have, field.type, UNMETERED)) {
      throw typeError(`parameter '${path}': missing field '${field.name}' (${describe(field.type)})`);
    }
    const deep = field.type.kind === "shape";
    const isDict = have instanceof HRecord && (deep || field.type.kind === "dict");
    if (isDict || (have instanceof HList && field.type.kind === "list")) {
      refuse(have, field.type, `${path}.${field.name}`);
    }
    const wanted = deep ? "dict or struct" : describe(field.type);
    throw typeError(`parameter '${path}': field '${field.name}' expected ${wanted}, got ${typeName(have)}`);
  }
}

function passes(value: Value, test: TypeTest, meter: Meter): boolean {
  switch (test.kind) {
    case "any":
      return true;
    case "union":
      return test.members.some((member) => passes(value, member, meter));
    case "literal":
      return value === test.value;
    case "list":
      if (!(value instanceof HList)) return false;
      if (test.item.kind === "any") return true;
      meter.spend(itemsCost(value.length));
      return value.items.every((item) => passes(item, test.item, meter));
    case "dict": {
      if (!(value instanceof HDict)) return false;
      if (test.value.kind === "any") return true;
      meter.spend(valueCost(value));
      for (const [, item] of value.entries()) if (!passes(item, test.value, meter)) return false;
      return true;
    }
    case "shape": {
      if (!(value instanceof HRecord)) return false;
      return test.fields.every((field) => {
        const have = value.get(field.name);
        if (have === undefined || have === null)
          return field.optional || (have === null && passes(have, field.type, meter));
        return passes(have, field.type, meter);
      });
    }
    case "name":
      return passesName(value, test.name);
  }
}

function passesName(value: Value, name: string): boolean {
  const actual = typeName(value);
  switch (name) {
    case "any":
    case "unknown":
      return true;
    case "int":
    case "float":
    case "number":
      return actual === "int" || actual === "float";
    case "closure":
    case "fn":
    case "function":
      return actual === "closure" || actual === "builtin";
    case "dict":
      return actual === "dict" || actual === "struct";
    case "string":
    case "bool":
    case "nil":
    case "list":
    case "set":
    case "range":
    case "pair":
    case "duration":
    case "channel":
    case "atomic":
    case "iter":
    case "generator":
      return actual === name;
    default:
      if (value instanceof HStruct) return value.name === name;
      if (value instanceof HEnum) return value.enumName === name;
      // Interfaces, type parameters and aliases are the checker's business.
      return true;
  }
}

function describe(test: TypeTest): string {
  switch (test.kind) {
    case "any":
      return "any";
    case "name":
      return test.name;
    case "union":
      return test.members.map(describe).join("|");
    case "list":
      return test.item.kind === "any" ? "list" : `list<${describe(test.item)}>`;
    case "dict":
      return test.value.kind === "any" ? "dict" : `dict<string, ${describe(test.value)}>`;
    case "shape":
      return `{${test.fields.map((f) => `${f.name}${f.optional ? "?" : ""}: ${describe(f.type)}`).join(", ")}}`;
    case "literal":
      return JSON.stringify(test.value);
  }
}
