// What a field is called for a person, by the package's own hints.

import type { FieldHint, Validator } from "pb-fulfillment";
import { words } from "./format.ts";

type Path = readonly (string | number)[];

/** Names for fields, remembered once asked. */
export interface Labels {
  /** `Delivery address › Postal code`, `Line 3 › Unit price`; empty for the order itself. */
  labelOf(path: Path): string;
  /** Label, limits and values of the field at a path inside an order, as far as known. */
  hintOf(path: Path): FieldHint | undefined;
}

/** Labels by the validator's `describeField`. */
export function createLabels(validator: Validator): Labels {
  const hints = new Map<string, FieldHint | undefined>();

  function hint(name: string): FieldHint | undefined {
    if (!hints.has(name)) hints.set(name, lookUp(name));
    return hints.get(name);
  }

  function lookUp(name: string): FieldHint | undefined {
    try {
      return validator.describeField(name) ?? undefined;
    } catch {
      // A field that the tables do not know has no hint; its own name then has to do.
      return undefined;
    }
  }

  function hintOf(path: Path): FieldHint | undefined {
    return hint(path.filter((step) => typeof step === "string").join("."));
  }

  function labelOf(path: Path): string {
    const parts: string[] = [];
    let name = "";
    path.forEach((step, at) => {
      if (typeof step === "number") {
        const inside = typeof path[at + 1] === "string";
        if (parts.length > 0) parts[parts.length - 1] = `${singular(parts[parts.length - 1] ?? "", inside)} ${step + 1}`;
        return;
      }
      name = name ? `${name}.${step}` : step;
      parts.push(hint(name)?.label ?? words(step));
    });
    return parts.join(" › ");
  }

  return { labelOf, hintOf };
}

function singular(label: string, inside: boolean): string {
  return inside || label.endsWith("lines") ? label.replace(/s$/, "") : label;
}
