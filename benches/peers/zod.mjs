import * as z from "zod";

export function zod({ schema: root, countries, currencies }) {
  const made = new Map();
  const of = (node) => {
    if (node.$ref) {
      const name = node.$ref.split("/").at(-1);
      if (!made.has(name)) made.set(name, of(root.$defs[name]));
      return made.get(name);
    }
    if (node.enum) return z.enum(node.enum);
    if (Array.isArray(node.type)) return z.union(node.type.map((type) => of({ ...node, type })));
    switch (node.type) {
      case "object": {
        const required = new Set(node.required ?? []);
        const fields = Object.entries(node.properties).map(([name, field]) => [
          name,
          required.has(name) ? of(field) : of(field).optional(),
        ]);
        return z.strictObject(Object.fromEntries(fields));
      }
      case "array": {
        let array = z.array(of(node.items));
        if (node.minItems) array = array.min(node.minItems);
        return node.maxItems ? array.max(node.maxItems) : array;
      }
      case "number":
        return node.exclusiveMinimum === 0 ? z.number().positive() : z.number();
      case "boolean":
        return z.boolean();
      case "string": {
        if (node.format === "date-time") return z.iso.datetime({ offset: true });
        let text = z.string();
        if (node.minLength) text = text.min(node.minLength);
        if (node.maxLength) text = text.max(node.maxLength);
        if (node.format === "country") return text.refine((text) => countries.has(text));
        return node.format === "currency" ? text.refine((text) => currencies.has(text)) : text;
      }
      default:
        return z.unknown();
    }
  };
  const [bulk, order] = [of(root), of({ $ref: "#/$defs/Order" })];
  return { bulk: (value) => bulk.safeParse(value).success, order: (value) => order.safeParse(value).success };
}
