// What a field is called for a person, by the package's own hints.

import type { FieldDescription, Validator } from "pb-fulfillment";
import { words } from "./format.ts";

type Path = readonly (string | number)[];

/** Names for fields, remembered once asked. */
export interface Labels {
  /** As the messages of the validator name it: `Delivery address: postal code`, `Order line 3: unit price`; empty for the order itself. */
  labelOf(path: Path): string;
  /** Label, limits and values of the field at a path inside an order, as far as known. */
  hintOf(path: Path): FieldDescription | undefined;
}

/** Labels by the validator's `describeField`. */
export function createLabels(validator: Validator): Labels {
  const hints = new Map<string, FieldDescription | undefined>();

  function hint(name: string): FieldDescription | undefined {
    if (!hints.has(name)) hints.set(name, lookUp(name));
    return hints.get(name);
  }

  function lookUp(name: string): FieldDescription | undefined {
    try {
      return validator.describeField(name) ?? undefined;
    } catch {
      // A field that the tables do not know has no hint; its own name then has to do.
      return undefined;
    }
  }

  function hintOf(path: Path): FieldDescription | undefined {
    return hint(path.filter((step) => typeof step === "string").join("."));
  }

  function labelOf(path: Path): string {
    const parts: string[] = [];
    let name = "";
    for (const step of path) {
      if (typeof step === "number") {
        const list = parts.pop();
        if (list !== undefined) parts.push(`${list} ${step + 1}`);
        continue;
      }
      name = name ? `${name}.${step}` : step;
      const label = hint(name)?.label ?? words(step);
      parts.push(parts.length === 0 ? label : uncapitalised(label));
    }
    const last = parts.pop() ?? "";
    return parts.length > 0 ? `${parts.join(", ")}: ${last}` : last;
  }

  return { labelOf, hintOf };
}

/** In the middle of a phrase: `Unit price` becomes `unit price`, `SKU` stays. */
function uncapitalised(label: string): string {
  return /^.[a-z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}
