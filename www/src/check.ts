// Checks a document and arranges what is wrong by order and by kind.

import type { Issue, ValidationReport, Validator } from "pb-fulfillment";
import { groupByKind, type Kind } from "./kinds.ts";
import type { Labels } from "./labels.ts";
import { isSingleOrder, orderText, pathInOrder, readDocument, type OrderDocument } from "./text/document.ts";

/** More issues than this are not looked for: nobody reads them, and the first ten thousand tell what is wrong. */
export const MAX_ISSUES = 20_000;

/** One order of the file and what is wrong with it. */
export interface CheckedOrder {
  readonly index: number;
  readonly issues: Issue[];
  errors: number;
  warnings: number;
}

/** A document with its report. Made anew after every change. */
export interface Checked {
  readonly document: OrderDocument;
  readonly report: ValidationReport;
  readonly orders: readonly CheckedOrder[];
  readonly kinds: readonly Kind[];
  /** Issues that belong to no order but to the file as a whole. */
  readonly general: readonly Issue[];
  readonly counts: { readonly bad: number; readonly doubtful: number; readonly ready: number };
  readonly fixable: number;
}

/** A text that is not JSON, with the one issue that says where and why. */
export interface Unreadable {
  readonly text: string;
  readonly issue: Issue;
}

/** What an order says of itself, to know it by. */
export interface Summary {
  readonly id: string;
  readonly who: string;
  readonly where: string;
}

/** Errors after which the validator does not read on. */
const FATAL = new Set<string>(["json_syntax", "invalid_utf8", "too_large", "too_deep"]);

/**
 * Checks the bytes or text of a file. `text` is the same content as text. A file is unreadable when it is not JSON, or
 * when it is neither a list of orders nor an order.
 */
export function check(validator: Validator, input: string | Uint8Array, text: string, labels: Labels): Checked | Unreadable {
  const report = validator.validateOrders(input, { maxIssues: MAX_ISSUES });
  const fatal = report.issues.find((issue) => isFatal(issue, report));
  if (fatal) return { text, issue: fatal };
  if (isSingleOrder(text)) return check(validator, `[${text}]`, `[${text}]`, labels);
  return arrange(readDocument(text), report, labels);
}

/** Whether the file cannot be read as orders, or as more than one set of them. */
function isFatal({ code, severity, path }: Issue, { orderCount }: ValidationReport): boolean {
  if (FATAL.has(code) || (code === "duplicate_key" && path.length === 1 && path[0] === "orders")) return true;
  return severity === "error" && path.length === 0 && orderCount === 0;
}

/** Whether a check ended without a document. */
export function isUnreadable(result: Checked | Unreadable): result is Unreadable {
  return "issue" in result;
}

function arrange(document: OrderDocument, report: ValidationReport, labels: Labels): Checked {
  const orders = document.orders.map((_, index): CheckedOrder => ({ index, issues: [], errors: 0, warnings: 0 }));
  const general: Issue[] = [];
  for (const issue of report.issues) {
    const order = orders[issue.orderIndex ?? -1];
    if (!order) {
      general.push(issue);
      continue;
    }
    order.issues.push(issue);
    if (issue.severity === "error") order.errors += 1;
    else order.warnings += 1;
  }
  const bad = orders.filter((order) => order.errors > 0).length;
  const doubtful = orders.filter((order) => order.errors === 0 && order.warnings > 0).length;
  const inOrder = (issue: Issue): readonly (string | number)[] =>
    issue.orderIndex === undefined ? issue.path : pathInOrder(document.shape, issue.path);
  return {
    document,
    report,
    orders,
    general,
    kinds: groupByKind(report.issues, inOrder, labels.labelOf),
    counts: { bad, doubtful, ready: orders.length - bad - doubtful },
    fixable: report.issues.filter((issue) => issue.fix).length,
  };
}

/** Mends what the given issues are about, and nothing else; answers the new document and which orders were changed. */
export function mend(
  validator: Validator,
  checked: Checked,
  issues: readonly Issue[],
): { document: OrderDocument; orders: ReadonlySet<number> } {
  const mendable = issues.filter((issue) => issue.fix);
  // The mended bytes, not the mended objects: in those, 14.00 would have become 14.
  const { bytes } = validator.applyFixes(checked.document.text, mendable);
  return {
    document: readDocument(new TextDecoder().decode(bytes)),
    orders: new Set(mendable.map((issue) => issue.orderIndex ?? 0)),
  };
}

/** What an order says of itself; each part empty when it does not. */
export function summarise(document: OrderDocument, index: number): Summary {
  let order: unknown;
  try {
    order = JSON.parse(orderText(document, index));
  } catch {
    return { id: "", who: "", where: "" };
  }
  const address = field(order, "toAddress");
  const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value).trim() : "");
  const where = [text(field(address, "cityTown")), text(field(address, "countryCode"))].filter(Boolean).join(", ");
  return {
    id: text(field(order, "clientOrderId")),
    who: text(field(address, "name")) || text(field(address, "company")),
    where,
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
