// The peers, with the same rules as far as they can express them.
//
// | rule | pb-fulfillment | Ajv | zod |
// |---|---|---|---|
// | types, required, lengths, counts, values, above zero | yes | yes | yes, but lengths in UTF-16 units |
// | date-times that are real, ISO countries and currencies | yes | yes, by formats | yes, by functions |
// | fields that the API does not know | yes, as warnings | yes, as errors | yes, as errors |
// | empty text in a required field | yes | yes | yes |
// | keys given twice, lone surrogates, exact bytes of each order | yes | no | no |
// | sums in exact decimals, dates in order, postal codes and states by country, orders given twice | yes | no | no |
// | place, help and mend of each issue | yes | place | place |
//
// So each does less than this package, and none is asked for something that it would be slow at: lists of countries are looked up in a
// Set, and Ajv's validators are compiled before the clock starts.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { z } from "zod";

import { pkg, root } from "../scripts/lib/paths.mjs";

const list = (name) => readFileSync(join(root, "src", "validate", "data", name), "utf8");
const countries = new Set(list("countries.txt").match(/^[A-Z]{2}\b/gm));
const currencies = new Set(list("currencies.txt").match(/\b[A-Z]{3}\b/g));

/** The package's own JSON Schema, with the rules added that a schema can express and the package has as warnings or by program. */
function schema() {
  const schema = JSON.parse(readFileSync(join(pkg, "schema.json"), "utf8"));
  const visit = (node) => {
    if (node.properties) node.additionalProperties = false;
    for (const [name, property] of Object.entries(node.properties ?? {})) {
      if (property.pattern) {
        delete property.pattern;
        property.format = "date-time";
      }
      if (/country(Code(Country)?)?$/i.test(name)) property.format = "country";
      if (/currency$/i.test(name)) property.format = "currency";
    }
    for (const definition of Object.values(node.$defs ?? {})) visit(definition);
  };
  visit(schema);
  return schema;
}

export function ajv() {
  const ajv = new Ajv2020({ allErrors: true });
  addFormats(ajv);
  ajv.addFormat("country", (text) => countries.has(text));
  ajv.addFormat("currency", (text) => currencies.has(text));
  const bulk = schema();
  return { bulk: ajv.compile(bulk), order: ajv.compile({ ...bulk.$defs.Order, $defs: bulk.$defs }) };
}

export function zod() {
  const root = schema();
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
  return { bulk: of(root), order: of({ $ref: "#/$defs/Order" }) };
}
