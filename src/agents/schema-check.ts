/** Values of models against schemas of programs. */

import { Raise } from "../builtin/raise.ts";
import { compileRegex } from "../stdlib/regex.ts";
import { canonicalSchema, SchemaProblem } from "../stdlib/schema/canonical.ts";
import { validate } from "../stdlib/schema/validate.ts";
import { UNMETERED } from "../value/cost.ts";
import type { Value } from "../value/value.ts";

export type Checked =
  /** With the schema's defaults filled in. */
  | { readonly kind: "fits"; readonly value: Value }
  | { readonly kind: "complaints"; readonly errors: readonly string[] }
  /** The schema itself is malformed: nobody can satisfy it. */
  | { readonly kind: "broken"; readonly problem: string };

export function checkAgainst(value: Value, schema: Value): Checked {
  try {
    const root = canonicalSchema(schema);
    const { value: filled, errors } = validate(value, root, { root, defaults: true, pattern });
    return errors.length === 0 ? { kind: "fits", value: filled } : { kind: "complaints", errors };
  } catch (error) {
    if (error instanceof SchemaProblem) return { kind: "broken", problem: error.message };
    throw error;
  }
}

/** A pattern that this build cannot read binds nobody: what models and providers accept is wider. */
function pattern(text: string): (value: string) => boolean {
  try {
    const regex = compileRegex(text, UNMETERED);
    return (value) => regex.matcher(value).find();
  } catch (error) {
    if (error instanceof Raise) return () => true;
    throw error;
  }
}
