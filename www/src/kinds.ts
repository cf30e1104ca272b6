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
  malformed_json: "not readable as JSON",
  duplicate_key: "named twice",
  duplicate_order: "same order twice",
  lone_surrogate: "broken character",
  required: "missing",
  missing: "missing",
  empty: "empty",
  wrong_type: "wrong kind of value",
  type: "wrong kind of value",
  too_long: "too long",
  max_length: "too long",
  too_many: "too many",
  not_in_list: "not an allowed value",
  enum: "not an allowed value",
  value: "not an allowed value",
  date_time: "not a valid date and time",
  date_time_form: "date in another form",
  quantity: "not above zero",
  no_lines: "no order line",
  address: "incomplete address",
  addressee: "no name or company",
  country: "unknown country code",
  country_code: "unknown country code",
  currency: "unknown currency code",
  state: "unknown state or province",
  state_province: "unknown state or province",
  postal_code: "unusual postal code",
  postal_code_number: "postal code as a number",
  reserved: "reserved, not for use",
  reserved_field: "reserved, not for use",
  reserved_value: "reserved value",
  unknown_field: "unknown field",
  line_total: "does not add up",
  item_total: "does not add up",
  order_total: "does not add up",
  date_order: "dates out of order",
};

/** The words for a code: `too long`. */
export function titleOf(code: string): string {
  return TITLES[code] ?? words(code).toLowerCase();
}

/** The path of a field without positions: `orderLines.unitPrice`. */
export function genericPath(path: readonly (string | number)[]): string {
  return path.filter((step) => typeof step === "string").join(".");
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
        title: titleOf(issue.code),
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
