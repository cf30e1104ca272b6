// Form fields by the package's hints: limits and allowed values.

import type { FieldDescription } from "pb-fulfillment";
import { h, uniqueId } from "../dom.ts";
import { number } from "../format.ts";

/** The allowed values to pick from, where the field has some. */
export function valuesList(hint: FieldDescription | undefined): HTMLDataListElement | undefined {
  if (!hint?.values?.length) return undefined;
  return h(
    "datalist",
    { id: uniqueId("values") },
    hint.values.map((value) => h("option", { value: String(value) })),
  );
}

/** The limits of a field in words: `Required. At most 50 characters.` */
export function limitsOf(hint: FieldDescription | undefined): string {
  if (!hint) return "";
  const parts = [
    hint.required && "Required.",
    hint.maxLength !== undefined && `At most ${number(hint.maxLength)} characters.`,
    hint.description,
  ];
  return parts.filter(Boolean).join(" ");
}
