/** What a stage promises to answer: `output_contract.schema`, told to its model and checked (W-53). */
import { stringifyJson } from "../value/json.ts";
import { HDict, HList, share } from "../value/value.ts";
import { jsonIn } from "./envelope.ts";
import * as field from "./record-fields.ts";
import { schemaComplaint } from "./return-schema.ts";

export function outputSchema(node: HDict): HDict | null {
  const schema = field.dictAt(node, "output_contract").get("schema");
  return schema instanceof HDict && schema.size > 0 ? schema : null;
}

/** For the prompt; empty: nothing is promised. */
export function schemaDemand(node: HDict): string {
  const schema = outputSchema(node);
  return schema === null ? "" : `Answer with JSON that fits this schema, and nothing else:\n${stringifyJson(schema)}`;
}

export interface Promised {
  /** With the check of the schema. */
  readonly verification: HDict;
  /** With the value as `data`, when there is one. */
  readonly result: HDict;
}

/** Both as they are when nothing is promised. */
export function checkPromise(node: HDict, text: string, verification: HDict, result: HDict): Promised {
  const schema = outputSchema(node);
  if (schema === null) return { verification, result };
  const value = jsonIn(text);
  const complaint = value === undefined ? "the answer holds no JSON" : schemaComplaint(value, schema);
  const check = HDict.of({ kind: "schema", ok: complaint === null, expected: share(schema), actual: complaint });
  const checks = new HList([...field.listAt(verification, "checks").map((one) => share(one)), check]);
  const ok = verification.get("ok") === true && complaint === null;
  return {
    verification: HDict.of({ kind: "composite", ok, checks }),
    result: value === undefined || complaint !== null ? result : field.withFields(result, { data: value }),
  };
}
