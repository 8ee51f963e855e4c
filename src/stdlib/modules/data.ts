/** `std/collections`, `std/json` and `std/schema`: small helpers on dicts and schemas. */
export const collectionsModule = `
/** The dict without what is nil, empty or the text "null". */
pub fn filter_nil(d) {
  return d.filter({ v -> v != nil && v != "" && v != "null" })
}

/** Is the stored value older than so many seconds, or was it never stored? */
pub fn store_stale(key, max_age_seconds) {
  let stored = store_get(key + "_ts")
  return stored == nil || timestamp() - stored > max_age_seconds
}

/** Notes that the value was stored now. */
pub fn store_refresh(key) {
  store_set(key + "_ts", timestamp())
}
`;

export const jsonModule = `
/** JSON on one line, as the reference has it; json_pretty indents. */
pub fn pretty(value) {
  return json_stringify(value)
}

/** The value of a JSON text, or nil. */
pub fn safe_parse(text) {
  let result = try { json_parse(text) }
  return if is_ok(result) { unwrap(result) } else { nil }
}

/** The entries of both dicts; of equal keys, those of b. */
pub fn merge(a, b) {
  return a.merge(b)
}

/** The listed keys, as far as they are not nil. */
pub fn pick(data, keys) {
  var result = {}
  for key in keys {
    if data[key] != nil {
      result[key] = data[key]
    }
  }
  return result
}

/** The dict without the listed keys. */
pub fn omit(data, keys) {
  var result = data
  for key in keys {
    result = result.remove(key)
  }
  return result
}
`;

export const schemaModule = `
/** Any value. */
pub fn schema_any() {
  return {type: "any"}
}

/** A text. */
pub fn schema_string() {
  return {type: "string"}
}

/** A whole number. */
pub fn schema_int() {
  return {type: "int"}
}

/** A float. */
pub fn schema_float() {
  return {type: "float"}
}

/** True or false. */
pub fn schema_bool() {
  return {type: "bool"}
}

/** Nil. */
pub fn schema_nil() {
  return {type: "nil"}
}

/** Exactly this value. */
pub fn schema_literal(value) {
  return {const: value}
}

/** One of these values. */
pub fn schema_enum(values) {
  return {enum: values}
}

fn with_options(schema, options) {
  return if options == nil { schema } else { schema_extend(schema, options) }
}

/** A list whose items fit a schema. Options: min_items, max_items and the like. */
pub fn schema_list(item_schema = nil, options = nil) {
  let items = if item_schema == nil { {} } else { {items: item_schema} }
  return with_options({type: "list"} + items, options)
}

/** The same as \`schema_list\`. */
pub fn schema_array(item_schema = nil, options = nil) {
  return schema_list(item_schema, options)
}

/** A dict whose values fit a schema. */
pub fn schema_dict(value_schema = nil, options = nil) {
  let extra = if value_schema == nil { {} } else { {additional_properties: value_schema} }
  return with_options({type: "dict"} + extra, options)
}

/** A field for schema_object, with the mark whether it is required. */
pub fn schema_field(schema, required = true) {
  return schema + {required: required}
}

/** A dict with these fields; each is required unless it is marked otherwise. */
pub fn schema_object(fields, options = nil) {
  var properties = {}
  var required = []
  for entry in fields {
    let mark = entry.value?.required
    let marked = type_of(mark) == "bool"
    let schema = if marked { entry.value.remove("required") } else { entry.value }
    properties[entry.key] = schema_extend(schema, {})
    if !marked || mark {
      required = required.push(entry.key)
    }
  }
  let rest = if len(required) == 0 { {} } else { {required: required} }
  return with_options({type: "dict", properties: properties} + rest, options)
}

/** What fits one of the schemas. */
pub fn schema_union(branches) {
  return {union: branches}
}

/** What fits all of the schemas. */
pub fn schema_all_of(branches) {
  return {all_of: branches}
}

/** What fits the schema, or nil. */
pub fn schema_nullable(schema) {
  return schema_extend(schema, {nullable: true})
}

/** With a default, and not required. */
pub fn schema_default(schema, value) {
  return schema + {default: value, required: false}
}

/** The schema of a dict with these keys alone. */
pub fn schema_pick_keys(schema, keys) {
  return schema_pick(schema, keys)
}

/** The schema of a dict without these keys. */
pub fn schema_omit_keys(schema, keys) {
  return schema_omit(schema, keys)
}

/** The schema with all keys optional, at every depth. */
pub fn schema_partial_deep(schema) {
  return schema_partial(schema)
}

/** The schema as JSON Schema. */
pub fn schema_json(schema) {
  return schema_to_json_schema(schema)
}

/** The schema as OpenAPI has it. */
pub fn schema_openapi(schema) {
  return schema_to_openapi_schema(schema)
}

/** A schema from JSON Schema. */
pub fn from_json_schema(schema) {
  return schema_from_json_schema(schema)
}

/** A schema from OpenAPI. */
pub fn from_openapi_schema(schema) {
  return schema_from_openapi_schema(schema)
}

/** \`Ok\` with the value when it fits the schema, with its defaults if wanted; else \`Err\`. */
pub fn get_typed_result(value, schema, apply_defaults = false) {
  return if apply_defaults { schema_parse(value, schema) } else { schema_check(value, schema) }
}

/** The value when it fits the schema, with its defaults if wanted; else throws. */
pub fn get_typed_value(value, schema, apply_defaults = false) {
  let result = get_typed_result(value, schema, apply_defaults)
  if is_err(result) {
    throw_error(unwrap_err(result).message)
  }
  return unwrap(result)
}

/** Does the value fit the schema? */
pub fn is_type(value, schema) {
  return schema_is(value, schema)
}
`;
