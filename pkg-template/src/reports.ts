/** Reports as callers get them: mends with values instead of JSON text, messages in the caller's words. */
import { isFulfillmentError } from "./errors.js";
import type { Issue, OrderResult, RuleOptions, ValidationReport } from "./types.js";

type Messages = RuleOptions["messages"];

/** A mend as it crosses the border. */
type PlainFix = { op: "replace"; json: string } | { op: "remove" };

/** Makes the issues ready in place: they were made for this caller alone. */
export function ready(issues: readonly Issue[] | undefined, messages: Messages): void {
  for (const issue of (issues ?? []) as (Omit<Issue, "fix" | "message"> & { fix?: unknown; message: string })[]) {
    const fix = issue.fix as PlainFix | undefined;
    if (fix?.op === "replace") issue.fix = { op: fix.op, value: JSON.parse(fix.json) as unknown };
    const message = messages?.[issue.code];
    if (message !== undefined) issue.message = typeof message === "string" ? message : message(issue as Issue);
  }
}

/** The report, its issues made ready. */
export function readyReport(report: ValidationReport, messages: Messages): ValidationReport {
  ready(report.issues, messages);
  return report;
}

/** Does something of which the error, too, may have a report, and makes that ready. */
export function withReadyReport<T>(action: () => T, messages?: Messages): T {
  try {
    return action();
  } catch (error) {
    if (isFulfillmentError(error)) ready(error.report?.issues, messages);
    throw error;
  }
}

/** The results, their issues made ready. */
export function readyResults(results: readonly OrderResult[], messages: Messages): void {
  for (const result of results) ready(result.issues, messages);
}

/** Options as they cross the border: what is by code becomes pairs. */
export function plainRules(options: RuleOptions | undefined): { severity?: unknown; messages?: unknown } {
  const pairs = (byCode: object | undefined): [string, string][] =>
    Object.entries(byCode ?? {}).flatMap(([code, value]) => (value === undefined ? [] : [[code, String(value)]]));
  return { severity: pairs(options?.severity), messages: pairs(options?.messages) };
}
