// Groups issues into kinds of problem: the same rule broken at the same field, whichever order it is in.

import type { Issue } from "pb-fulfillment";
import { words } from "./format.ts";

/** What a person can look at, filter by and often mend in one go. */
export interface Kind {
  readonly key: string;
  readonly code: string;
  readonly severity: Issue["severity"];
  /** What is wrong, in a few words. */
  readonly title: string;
  /** The field it is about, empty when it is about a whole order or the file. */
  readonly label: string;
  readonly issues: Issue[];
  /** The positions of the orders it occurs in, rising. */
  readonly orders: Set<number>;
  /** How many of its issues can be mended with certainty. */
  fixable: number;
}

/** Short titles by code. A code that is not here is shown as its own words. */
const TITLES: Readonly<Record<string, string>> = {
  json_syntax: "not readable as JSON",
  invalid_utf8: "not readable as text",
  too_large: "file too large",
  too_deep: "nested too deep",
  duplicate_key: "named twice",
  lone_surrogate: "broken character",
  number_range: "number too large",
  type: "wrong kind of value",
  required: "missing",
  too_long: "too long",
  too_many: "too many entries",
  too_many_orders: "too many orders",
  not_allowed: "not an allowed value",
  reserved_field: "reserved, not in use yet",
  reserved_value: "reserved value, not in use yet",
  unknown_field: "unknown field",
  date_time: "not a valid date and time",
  date_time_form: "date and time in another form",
  country_code: "not a country code",
  currency_code: "not a currency code",
  state_province: "not a state or province code",
  postal_code: "unusual postal code",
  postal_code_number: "written as a number",
  postal_code_zero: "leading zero lost",
  not_positive: "not above zero",
  ordered_quantity: "quantity not above zero",
  no_order_lines: "no order line",
  address_incomplete: "address incomplete",
  address_name: "neither name nor company",
  address_region: "no state or postal code",
  line_total: "does not add up",
  total_item_amount: "does not add up",
  total_tax_amount: "does not add up",
  total_discount_amount: "does not add up",
  total_order_amount: "does not add up",
  date_order: "dates contradict each other",
  duplicate_order: "same order twice",
};

/** The words for a code at a field: `too long`. */
function titleOf(code: string, field: string | number | undefined): string {
  if (code === "too_long" && field === "countryCode") return "not a two-letter code";
  return TITLES[code] ?? words(code).toLowerCase();
}

/** Kinds of problem, errors first, then by how often they occur. */
export function groupByKind(
  issues: readonly Issue[],
  inOrder: (issue: Issue) => readonly (string | number)[],
  labelOf: (path: readonly (string | number)[]) => string,
): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const issue of issues) {
    const path = inOrder(issue).filter((step) => typeof step === "string");
    const key = `${issue.severity}|${issue.code}|${path.join(".")}`;
    let kind = kinds.get(key);
    if (!kind) {
      kind = {
        key,
        code: issue.code,
        severity: issue.severity,
        title: titleOf(issue.code, path.at(-1)),
        label: labelOf(path),
        issues: [],
        orders: new Set(),
        fixable: 0,
      };
      kinds.set(key, kind);
    }
    kind.issues.push(issue);
    if (issue.orderIndex !== undefined) kind.orders.add(issue.orderIndex);
    if (issue.fix) kind.fixable += 1;
  }
  const rank = (kind: Kind): number => (kind.severity === "error" ? 0 : 1);
  return [...kinds.values()].sort((a, b) => rank(a) - rank(b) || b.issues.length - a.issues.length);
}
