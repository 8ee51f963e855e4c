/** Unions: built without repetitions, and kept to a size at which they can be compared. */
import { ANY, NEVER, sameType, type Type } from "./type.ts";

/** Of members that have to be compared one by one. With more the checker knows nothing, instead of taking the square of their number. */
const MOST_MEMBERS = 256;

/**
 * The union of the members: flat, without repetitions and `never`; `any` swallows the others. With more than `most` members that are no
 * literals it is `any`.
 */
export function unionOf(members: readonly Type[], most = MOST_MEMBERS): Type {
  const [only] = members;
  if (members.length === 1 && only!.kind !== "union") return only!;
  const out: Type[] = [];
  const literals = new Set<string | number | bigint>();
  for (const member of members) {
    for (const part of member.kind === "union" ? member.members : [member]) {
      if (part.kind === "any") return ANY;
      if (part.kind === "never") continue;
      if (part.kind === "literal") {
        if (literals.has(part.value)) continue;
        literals.add(part.value);
      } else {
        if (out.some((known) => sameType(known, part))) continue;
        if (out.length - literals.size >= most) return ANY;
      }
      out.push(part);
    }
  }
  if (out.length === 0) return NEVER;
  return out.length === 1 ? out[0]! : { kind: "union", members: out };
}
