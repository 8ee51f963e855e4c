/**
 * What a test teaches of a type: the part that passes, and the part that does not.
 *
 * Invariant: both parts together cover the type. A part that may hold either way stays in both.
 */
import type { MethodsOf } from "./assignability.ts";
import { isAssignable } from "./assignability.ts";
import { expand, membersOf } from "./substitution.ts";
import { ANY, isNamed, NEVER, NIL, named, type Type } from "./type.ts";
import { unionOf } from "./union.ts";

export interface Split {
  readonly yes: Type;
  readonly no: Type;
}

/** What `type_of` answers for values of the usual kinds; an `unknown` of which all are ruled out is impossible. */
export const TYPE_OF_NAMES: readonly string[] = ["int", "string", "float", "bool", "nil", "list", "dict", "closure"];

/** The answer of `type_of` for values of this type; null: it depends. */
export function kindName(type: Type): string | null {
  const seen = expand(type);
  switch (seen.kind) {
    case "named":
      if (seen.info !== null) return seen.info.kind === "interface" ? null : seen.info.kind;
      return TYPE_OF_NAMES.includes(seen.name) || seen.name === "set" || seen.name === "range" ? seen.name : null;
    case "literal":
      return typeof seen.value === "string" ? "string" : "int";
    case "shape":
      return "dict";
    case "fn":
      return "closure";
    default:
      return null;
  }
}

export function splitByNil(type: Type): Split {
  return splitMembers(type, (member) => (isNamed(member, "nil") ? "yes" : holdsAnything(member) ? "both" : "no"), NIL);
}

export function splitByKind(type: Type, kind: string): Split {
  const seen = expand(type);
  const tested = named(kind);
  if (seen.kind === "unknown") {
    const not = seen.not.includes(kind) ? seen.not : [...seen.not, kind];
    return { yes: tested, no: TYPE_OF_NAMES.every((name) => not.includes(name)) ? NEVER : { kind: "unknown", not } };
  }
  return splitMembers(
    type,
    (member) => {
      const own = kindName(member);
      if (own === null) return "both";
      if (own === kind) return "yes";
      // A float variable may hold an int.
      return own === "float" && kind === "int" ? "both" : "no";
    },
    tested,
  );
}

/** By a literal that it equals. */
export function splitByLiteral(type: Type, value: string | number | bigint): Split {
  const base = typeof value === "string" ? "string" : "int";
  return splitMembers(type, (member) => {
    if (member.kind === "literal") return member.value === value ? "yes" : "no";
    const own = kindName(member);
    return own === null || own === base || (own === "float" && base === "int") ? "both" : "no";
  });
}

/** By a field that tells shapes apart: `x.kind == "ping"`. */
export function splitByTag(type: Type, field: string, value: string | number | bigint): Split {
  return splitMembers(type, (member) => {
    if (member.kind !== "shape") return "both";
    const found = member.fields.find(({ name }) => name === field);
    const tag = found === undefined ? null : expand(found.type);
    if (found === undefined || found.optional || tag?.kind !== "literal") return "both";
    return tag.value === value ? "yes" : "no";
  });
}

/** By a schema: `is_type(x, T)`. */
export function splitBySchema(type: Type, schema: Type, methodsOf: MethodsOf): Split {
  const seen = expand(type);
  if (seen.kind === "any" || seen.kind === "unknown") return { yes: schema, no: type };
  const yes: Type[] = [];
  const no: Type[] = [];
  for (const member of membersOf(type)) {
    const inside = isAssignable(schema, member, methodsOf);
    const around = isAssignable(member, schema, methodsOf);
    if (inside || around) yes.push(around && !inside ? schema : narrower(member, schema));
    if (!inside || holdsAnything(member)) no.push(member);
  }
  return { yes: yes.length === 0 ? schema : unionOf(yes), no: unionOf(no) };
}

/** Of two types that overlap, the one that says more. */
function narrower(member: Type, schema: Type): Type {
  const other = expand(schema);
  if (member.kind === "any" || member.kind === "unknown") return schema;
  if (member.kind === "named" && member.args.length === 0 && other.kind !== "named") return schema;
  return member;
}

/** `x.has("name")`: shapes that have the field for certain lose the question mark, those that cannot have it are gone. */
export function splitByField(type: Type, field: string): Split {
  const members = membersOf(type);
  if (!members.some((member) => member.kind === "shape" && member.fields.some(({ name }) => name === field))) {
    return { yes: type, no: type };
  }
  const yes: Type[] = [];
  const no: Type[] = [];
  for (const member of members) {
    const found = member.kind === "shape" ? member.fields.find(({ name }) => name === field) : undefined;
    if (member.kind !== "shape") {
      yes.push(member);
      no.push(member);
    } else if (found === undefined) no.push(member);
    else {
      yes.push({ kind: "shape", fields: member.fields.map((f) => (f === found ? { ...f, optional: false } : f)) });
      if (found.optional) no.push(member);
    }
  }
  return { yes: unionOf(yes), no: no.length === 0 ? type : unionOf(no) };
}

function holdsAnything(member: Type): boolean {
  return member.kind === "any" || member.kind === "unknown" || member.kind === "param" || member.kind === "never";
}

/** `tested`: what a member of which nothing is known becomes when the test holds. */
function splitMembers(type: Type, judge: (member: Type) => "yes" | "no" | "both", tested?: Type): Split {
  const seen = expand(type);
  if (seen.kind === "any") return { yes: tested ?? ANY, no: type };
  const members = membersOf(type);
  const verdicts = members.map(judge);
  if (members.length === 1 && verdicts[0] === "both")
    return { yes: tested !== undefined && !isNamed(seen, "float") ? tested : type, no: type };
  const part = (wanted: "yes" | "no"): Type => {
    if (verdicts.every((verdict) => verdict === wanted || verdict === "both")) return type;
    return unionOf(members.filter((_, i) => verdicts[i] === wanted || verdicts[i] === "both"));
  };
  return { yes: part("yes"), no: part("no") };
}
