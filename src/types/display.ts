/** Types as the author would write them: in messages, hover texts and documentation. */
import { unreachable } from "../base/unreachable.ts";
import type { Signature, Type } from "./type.ts";

/** Past this many characters the inner parts of a type are left out. */
const LONGEST = 400;

export function showType(type: Type): string {
  const text = show(type, 0);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function show(type: Type, depth: number): string {
  if (depth > 12) return "…";
  const inner = (part: Type): string => show(part, depth + 1);
  switch (type.kind) {
    case "any":
    case "unknown":
    case "never":
      return type.kind;
    case "param":
      return type.param.name;
    case "named":
      return type.args.length === 0 ? type.name : `${type.name}<${type.args.map(inner).join(", ")}>`;
    case "alias":
      return type.args.length === 0 ? type.info.name : `${type.info.name}<${type.args.map(inner).join(", ")}>`;
    case "union":
      return type.members.map((member) => (member.kind === "fn" ? `(${inner(member)})` : inner(member))).join(" | ");
    case "shape":
      return `{${type.fields.map((field) => `${field.name}${field.optional ? "?" : ""}: ${inner(field.type)}`).join(", ")}}`;
    case "fn":
      return `fn(${type.params.map(inner).join(", ")}) -> ${inner(type.result)}`;
    case "literal":
      return typeof type.value === "string" ? JSON.stringify(type.value) : String(type.value);
    default:
      return unreachable(type);
  }
}

/** `name(a: int, b?: string) -> bool`. */
export function showSignature(signature: Signature): string {
  const params = signature.params.map((param) => {
    const type = param.type === null ? "" : `: ${showType(param.type)}`;
    return `${param.rest ? "..." : ""}${param.name}${param.optional && !param.rest ? "?" : ""}${type}`;
  });
  const generics =
    signature.typeParams.length === 0 ? "" : `<${signature.typeParams.map(({ name }) => name).join(", ")}>`;
  const result = signature.result === null ? "" : ` -> ${showType(signature.result)}`;
  return `${signature.name}${generics}(${params.join(", ")})${result}`;
}
