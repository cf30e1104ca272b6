import {
  array,
  boolean,
  check,
  gtValue,
  isoTimestamp,
  maxLength,
  minLength,
  number,
  optional,
  picklist,
  pipe,
  safeParse,
  strictObject,
  string,
  union,
  unknown,
} from "valibot";

export function valibot({ schema: root, countries, currencies }) {
  const made = new Map();
  const with_ = (schema, actions) => (actions.some(Boolean) ? pipe(schema, ...actions.filter(Boolean)) : schema);
  const of = (node) => {
    if (node.$ref) {
      const name = node.$ref.split("/").at(-1);
      if (!made.has(name)) made.set(name, of(root.$defs[name]));
      return made.get(name);
    }
    if (node.enum) return picklist(node.enum);
    if (Array.isArray(node.type)) return union(node.type.map((type) => of({ ...node, type })));
    switch (node.type) {
      case "object": {
        const required = new Set(node.required ?? []);
        const fields = Object.entries(node.properties).map(([name, field]) => [name, required.has(name) ? of(field) : optional(of(field))]);
        return strictObject(Object.fromEntries(fields));
      }
      case "array":
        return with_(array(of(node.items)), [node.minItems && minLength(node.minItems), node.maxItems && maxLength(node.maxItems)]);
      case "number":
        return with_(number(), [node.exclusiveMinimum === 0 && gtValue(0)]);
      case "boolean":
        return boolean();
      case "string":
        return with_(string(), [
          node.format === "date-time" && isoTimestamp(),
          node.minLength && minLength(node.minLength),
          node.maxLength && maxLength(node.maxLength),
          node.format === "country" && check((text) => countries.has(text)),
          node.format === "currency" && check((text) => currencies.has(text)),
        ]);
      default:
        return unknown();
    }
  };
  const [bulk, order] = [of(root), of({ $ref: "#/$defs/Order" })];
  return { bulk: (value) => safeParse(bulk, value).success, order: (value) => safeParse(order, value).success };
}
