/** What the tables say of an order's fields: as JSON Schema, and as hints for forms. */
import { text } from "./generated/fields.js";
import type { FieldDescription } from "./types.js";

export type JsonSchema = Record<string, unknown>;

/** The JSON Schema of an object, with what the hints need besides. */
interface Shape {
  readonly properties: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
}

interface Field extends Omit<FieldDescription, "type"> {
  readonly type?: FieldDescription["type"] | readonly FieldDescription["type"][];
  readonly enum?: readonly string[];
  readonly items?: Field;
  readonly $ref?: string;
  readonly "@label"?: string;
  readonly "@format"?: FieldDescription["format"];
  readonly "@reserved"?: boolean;
  readonly "@provenance"?: FieldDescription["provenance"];
}

let shapes: Readonly<Record<string, Shape>> | undefined;

/** The JSON Schema of a bulk request: without what is there for the hints alone. */
export function bulkSchema(): JsonSchema & { $defs: JsonSchema } {
  return JSON.parse(text, (key, value: unknown) => (key.startsWith("@") ? undefined : value)) as JsonSchema & { $defs: JsonSchema };
}

/** The hints for the field of an order at a path such as `toAddress.postalCode`. Indices are passed over. */
export function fieldAt(path: string): FieldDescription | undefined {
  shapes ??= (JSON.parse(text) as { $defs: Record<string, Shape> }).$defs;
  let shape = shapes["Order"];
  let found: FieldDescription | undefined;
  for (const name of path.split(".").filter((name) => !/^\d*$/.test(name))) {
    const field = shape && Object.hasOwn(shape.properties, name) ? shape.properties[name] : undefined;
    if (!field) return undefined;
    const one = field.items ?? field;
    found = describe(name, field, one, shape?.required?.includes(name));
    shape = one.$ref === undefined ? undefined : shapes[one.$ref.replace("#/$defs/", "")];
  }
  return found;
}

/** The hints for a field; `one` is what a list has any number of, or the field itself. */
function describe(name: string, field: Field, one: Field, required = false): FieldDescription {
  const label = field["@label"] ?? name.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
  const hints = {
    name,
    label: label.charAt(0).toUpperCase() + label.slice(1),
    description: field.description,
    type: field.$ref === undefined ? [field.type ?? "any"].flat()[0] : "object",
    format: field["@format"],
    required,
    reserved: field["@reserved"] ?? false,
    maxLength: one.maxLength,
    maxItems: field.maxItems,
    values: one.enum,
    default: field.default,
    provenance: field["@provenance"] ?? "documented",
  };
  // A copy of the caller's own, without what the field does not have.
  return JSON.parse(JSON.stringify(hints)) as FieldDescription;
}
