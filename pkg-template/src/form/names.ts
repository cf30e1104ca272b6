/** Names of controls as paths of the order: `toAddress.postalCode`, `orderLines.0.sku`, `orderLines[0].sku`. */
import type { FieldDescription, Validator } from "../types.js";

/** What a control's text becomes in the order. */
export type Kind = "text" | "number" | "boolean" | "date-time" | "texts";

/** A field of the order that a control is named after. */
export interface Place {
  /** The path with its indices as in the name, joined by dots. */
  readonly key: string;
  readonly path: readonly (string | number)[];
  /** The path without indices, joined by dots: what the tables know it by. */
  readonly schemaPath: string;
  readonly field: FieldDescription;
  readonly kind: Kind;
}

/** Finds the fields that controls are named after; what was asked once is remembered. */
export class Names {
  readonly #describe: Validator["describeField"];
  readonly #fields = new Map<string, FieldDescription | undefined>();
  readonly #places = new Map<string, Place | undefined>();

  constructor(validator: Validator) {
    this.#describe = (path) => validator.describeField(path);
  }

  /** The field of that name; nothing if the order has no such field that a control could hold. */
  place(name: string): Place | undefined {
    if (!this.#places.has(name)) this.#places.set(name, this.#find(name));
    return this.#places.get(name);
  }

  /** What the tables say of a path without indices. */
  field(schemaPath: string): FieldDescription | undefined {
    if (!this.#fields.has(schemaPath)) this.#fields.set(schemaPath, this.#describe(schemaPath));
    return this.#fields.get(schemaPath);
  }

  #find(name: string): Place | undefined {
    const path = steps(name);
    let field: FieldDescription | undefined;
    let schemaPath = "";
    // What a list holds is entered by an index, and nothing else is.
    let list: FieldDescription | undefined;
    for (const step of path) {
      if (typeof step === "number") {
        if (!list) return undefined;
        list = undefined;
        continue;
      }
      if (list) return undefined;
      schemaPath = schemaPath ? `${schemaPath}.${step}` : step;
      field = this.field(schemaPath);
      if (!field) return undefined;
      list = field.type === "array" ? field : undefined;
    }
    const kind = field && kindOf(field, list === undefined);
    return field && kind && { key: path.join("."), path, schemaPath, field, kind };
  }
}

/** The steps of a name, its brackets read as dots. */
export function steps(name: string): (string | number)[] {
  const parts = name.replace(/\[(\d+)\]/g, ".$1").split(".");
  return parts.map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : part));
}

/** What a control for the field holds, or nothing if no control can; `entered` if the name ends inside a list. */
function kindOf(field: FieldDescription, entered: boolean): Kind | undefined {
  switch (field.type) {
    case "string":
      return field.format === "date-time" ? "date-time" : "text";
    case "number":
    case "boolean":
      return field.type;
    case "array":
      // Only of a list of texts do the tables say how long each may be.
      if (field.maxLength === undefined) return undefined;
      return entered ? "text" : "texts";
    default:
      return undefined;
  }
}
