// Each way in which a value can break a JSON Schema by one step, made by walking the schema.

/**
 * @param schema draft 2020-12, with its `$defs`
 * @param value keeps to it and has every property
 * @returns for each violation: `kind`, the schema's keyword; `pointer`, where the fault is; `at`, where a schema reports it;
 *   `value`, the whole with the fault; `atLimit`, the whole with the limit just kept, where there is one
 */
export function violations(schema, value) {
  const found = [];
  walk(schema, value, [], (kind, path, faulty, atLimit) => {
    const pointer = pointerOf(path);
    found.push({
      kind,
      pointer,
      at: kind === "required" ? pointerOf(path.slice(0, -1)) : pointer,
      value: changed(value, path, faulty),
      ...(atLimit !== undefined && { atLimit: changed(value, path, atLimit) }),
    });
  });
  return found;

  function walk(part, at, path, add) {
    if (part.$ref) part = { ...schema.$defs[part.$ref.slice("#/$defs/".length)] };
    for (const [kind, faulty, atLimit] of faults(part, at)) add(kind, path, faulty, atLimit);
    for (const [name, property] of Object.entries(part.properties ?? {})) {
      if (part.required?.includes(name)) add("required", [...path, name], undefined);
      walk(property, at[name], [...path, name], add);
    }
    // A list that holds anything has no violations within.
    if (part.items && at.length > 0) walk(part.items, at[0], [...path, 0], add);
  }
}

/** The keywords of one schema, each with a value that breaks it and one that is at its limit. */
function* faults(schema, value) {
  if (schema.type) {
    yield ["type", null];
    yield ["type", schema.type === "boolean" ? "true" : true];
  }
  if (schema.maxLength !== undefined) {
    // One code point of two UTF-16 units: lengths count code points.
    const text = (length) => "\u{1F4E6}".repeat(length);
    yield ["maxLength", text(schema.maxLength + 1), text(schema.maxLength)];
  }
  if (schema.minLength !== undefined) yield ["minLength", ""];
  if (schema.maxItems !== undefined) {
    const list = (length) => Array.from({ length }, () => value[0]);
    yield ["maxItems", list(schema.maxItems + 1), list(schema.maxItems)];
  }
  if (schema.minItems !== undefined) yield ["minItems", []];
  if (schema.enum) yield ["enum", `${schema.enum[0]}x`, schema.enum.at(-1)];
  if (schema.exclusiveMinimum !== undefined) yield ["exclusiveMinimum", schema.exclusiveMinimum, schema.exclusiveMinimum + 1];
  if (schema.pattern) yield ["pattern", "yesterday"];
}

/** A copy with another value at the path; without the member, if that is undefined. */
function changed(value, path, to) {
  if (path.length === 0) return to;
  const [first, ...rest] = path;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  if (rest.length === 0 && to === undefined) delete copy[first];
  else copy[first] = changed(value[first], rest, to);
  return copy;
}

function pointerOf(path) {
  return path.map((step) => `/${step}`).join("");
}
