/** Unions: built without repetitions, taken apart, and kept small. */
import { ANY, NEVER, sameType, type Type } from "./type.ts";

/** More members than anybody reads: the checker then knows nothing, instead of comparing each with each. */
const MOST_MEMBERS = 24;

/** The union of the members: flat, without repetitions and `never`; `any` swallows the others. */
export function unionOf(members: readonly Type[]): Type {
  const out: Type[] = [];
  for (const member of members) {
    for (const part of member.kind === "union" ? member.members : [member]) {
      if (part.kind === "any") return ANY;
      if (part.kind === "never" || out.some((known) => sameType(known, part))) continue;
      if (out.length === MOST_MEMBERS) return ANY;
      out.push(part);
    }
  }
  if (out.length === 0) return NEVER;
  return out.length === 1 ? out[0]! : { kind: "union", members: out };
}
