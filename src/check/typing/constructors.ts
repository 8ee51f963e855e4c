/** Structs and enum values, as they are written: are all parts there, and do they fit? */
import type { Span } from "../../base/span.ts";
import type { DictEntry, Expr } from "../../syntax/ast.ts";
import { showType } from "../../types/display.ts";
import { inferBindings } from "../../types/inference.ts";
import { substitute } from "../../types/substitution.ts";
import { ANY, type EnumInfo, named, type StructInfo, type Type, type TypeParamInfo } from "../../types/type.ts";
import { closestName } from "../suggestion.ts";
import type { Checker } from "./checker.ts";
import { addField, elsewhere, explainMisfit, findMisfit } from "./mismatches.ts";

/** `Name({ … })`; the arguments have been checked. */
export function constructorCall(c: Checker, info: StructInfo, args: readonly Expr[]): Type {
  const [first] = args;
  if (first?.kind === "dict") return checkStruct(c, info, first.entries, first, first);
  return named(
    info.name,
    info.params.map(() => ANY),
    info,
  );
}

/** The values have been checked. `braces`: the text from `{` to `}`; `span`: what is underlined. */
export function checkStruct(
  c: Checker,
  info: StructInfo,
  entries: readonly DictEntry[],
  span: Span,
  braces: Span,
): Type {
  const fields = info.fields();
  const bindings = new Map<TypeParamInfo, Type>();
  const open = new Set(info.params);
  const given = new Map<string, Expr>();
  let isWhole = true;
  for (const { key, value } of entries) {
    if (key?.kind !== "key-name") {
      isWhole = false;
      continue;
    }
    given.set(key.name, value);
    if (fields.some(({ name }) => name === key.name)) continue;
    const near = closestName(
      key.name,
      fields.map(({ name }) => name),
    );
    c.warning("unknown-field", `struct \`${info.name}\` has no field \`${key.name}\``, key, {
      help: near === null ? null : `did you mean \`${near}\`?`,
      edits: near === null ? null : [{ span: key, replacement: near }],
      labels: info.path === c.env.path ? elsewhere(info.span, "declared here") : [],
    });
  }
  for (const field of fields) {
    const value = given.get(field.name);
    if (value === undefined) {
      if (field.optional || !isWhole) continue;
      c.warning("missing-field", `a \`${info.name}\` needs the field \`${field.name}\``, span, {
        help: `add \`${field.name}\``,
        edits: field.type === null ? null : addField(c, braces, { name: field.name, type: field.type }),
        labels: info.path === c.env.path ? elsewhere(field.span, "declared here") : [],
      });
    } else if (field.type !== null) {
      inferBindings(field.type, c.types.get(value), open, bindings, c.session.methodsOf);
    }
  }
  for (const field of fields) {
    const value = given.get(field.name);
    if (value === undefined || field.type === null) continue;
    if (field.optional && value.kind === "nil") continue;
    const expected = substitute(field.type, bindings);
    const misfit = findMisfit(c, value, expected);
    if (misfit === null) continue;
    const { note, help, edits } = explainMisfit(c, misfit);
    const said = `expects ${showType(expected)}, got ${showType(c.types.get(value))}`;
    c.error("field-type", `field '${field.name}' of struct '${info.name}' ${said}`, misfit.span, {
      note,
      help,
      edits,
      labels: info.path === c.env.path ? elsewhere(field.span, "declared here") : [],
      legacy: `Field '${field.name}' in struct '${info.name}' ${said}`,
    });
  }
  return named(
    info.name,
    info.params.map((param) => bindings.get(param) ?? ANY),
    info,
  );
}

/** `Name.Variant` or `Name.Variant(…)`; the arguments have been checked. */
export function checkEnumValue(
  c: Checker,
  info: EnumInfo,
  variant: string,
  variantSpan: Span,
  args: readonly Expr[] | null,
  span: Span,
): Type {
  const variants = info.variants();
  const found = variants.find(({ name }) => name === variant);
  const bindings = new Map<TypeParamInfo, Type>();
  const here = info.path === c.env.path;
  if (found === undefined) {
    warnUnknownVariant(c, info, variant, variantSpan);
  } else if (args !== null) {
    if (args.length !== found.fields.length && !args.some((arg) => arg.kind === "spread")) {
      c.warning(
        "arity",
        `\`${info.name}.${variant}\` takes ${found.fields.length} argument${found.fields.length === 1 ? "" : "s"}, not ${args.length}`,
        span,
        {
          labels: here ? elsewhere(found.span, "declared here") : [],
        },
      );
    }
    const open = new Set(info.params);
    const clashed = new Set<number>();
    found.fields.forEach((field, i) => {
      const arg = args[i];
      if (arg === undefined || field.type === null) return;
      const clash = inferBindings(field.type, c.types.get(arg), open, bindings, c.session.methodsOf);
      if (clash === null) return;
      clashed.add(i);
      c.error("generic-conflict", clash, arg, { labels: here ? elsewhere(found.span, "declared here") : [] });
    });
    found.fields.forEach((field, i) => {
      const arg = args[i];
      if (arg === undefined || field.type === null || clashed.has(i)) return;
      const expected = substitute(field.type, bindings);
      const misfit = findMisfit(c, arg, expected);
      if (misfit === null) return;
      const { note, help, edits } = explainMisfit(c, misfit);
      c.error(
        "argument",
        `${info.name}.${variant} expects ${field.name}: ${showType(expected)}, got ${showType(c.types.get(arg))}`,
        misfit.span,
        {
          note,
          help,
          edits,
          labels: here ? elsewhere(field.span, "declared here") : [],
        },
      );
    });
  }
  return named(
    info.name,
    info.params.map((param) => bindings.get(param) ?? ANY),
    info,
  );
}

export function warnUnknownVariant(c: Checker, info: EnumInfo, variant: string, span: Span): void {
  const names = info.variants().map(({ name }) => name);
  const near = closestName(variant, names);
  c.warning("unknown-variant", `enum \`${info.name}\` has no variant \`${variant}\``, span, {
    help: near === null ? `its variants are ${names.join(", ")}` : `did you mean \`${near}\`?`,
    edits: near === null ? null : [{ span, replacement: near }],
    labels: info.path === c.env.path ? elsewhere(info.span, "declared here") : [],
  });
}
