/** What a model is told that writes its tool calls as text (`tool_format: "text"`): the form of a call, and the tools with their arguments. */
import type { Json, JsonObject } from "../base/json.ts";
import { isJsonObject } from "../base/json.ts";
import type { ToolSchema } from "../llm/contract.ts";

const FORM = `## Tools

To call a tool, write a block of this form, one call a block, as many blocks as you need:

<tool_call>
name({ key: "value" })
</tool_call>

Text of several lines needs no escaping when it is written as

<tool_call>
name({ key: <<END
first line
second line
END
})
</tool_call>

The results come with the next message. Call nothing that is not listed here.`;

export function toolContract(tools: readonly ToolSchema[]): string {
  const entries = tools.flatMap((tool) => (tool.kind === "function" ? [describeTool(tool)] : []));
  return `${FORM}\n\n${entries.join("\n\n")}`;
}

function describeTool(tool: ToolSchema & { readonly kind: "function" }): string {
  const properties = isJsonObject(tool.parameters.properties) ? tool.parameters.properties : {};
  const details = Object.entries(properties).flatMap(([name, schema]) =>
    isJsonObject(schema) && typeof schema.description === "string" ? [`- ${name}: ${schema.description}`] : [],
  );
  const head = `### ${tool.name}(${describeType(tool.parameters)})`;
  return [head, ...(tool.description ? [tool.description] : []), ...details].join("\n");
}

/** A schema in the notation that models know from TypeScript. */
export function describeType(schema: Json | undefined): string {
  if (!isJsonObject(schema)) return "any";
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const any = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(any)) return any.map(describeType).join(" | ");
  const { type } = schema;
  if (Array.isArray(type)) return type.join(" | ");
  if (type === "array") return schema.items === undefined ? "any[]" : `(${describeType(schema.items)})[]`;
  if (type === "object") return describeObject(schema);
  return typeof type === "string" ? type : "any";
}

function describeObject(schema: JsonObject): string {
  if (!isJsonObject(schema.properties)) return "object";
  const required: readonly Json[] = Array.isArray(schema.required) ? schema.required : [];
  const fields = Object.entries(schema.properties).map(
    ([name, property]) => `${name}${required.includes(name) ? "" : "?"}: ${describeType(property)}`,
  );
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}
