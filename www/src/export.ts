// The outcomes as a file to keep. Nothing leaves the machine: the file is made in the page.

import type { OrderResult } from "pb-fulfillment";
import { h } from "./dom.ts";
import { OUTCOMES, reasonOf } from "./outcomes.ts";
import { toCsv } from "./text/csv.ts";

const COLUMNS = ["position", "clientOrderId", "outcome", "orderId", "status", "reason", "attempts", "transactionIds"];

/** One row for each result, for a spreadsheet. */
export function resultsCsv(results: readonly OrderResult[]): string {
  const rows = results.map((result) => [
    result.orderIndex + 1,
    result.clientOrderId,
    result.outcome,
    result.orderId,
    result.status,
    reasonOf(result) || OUTCOMES[result.outcome].meaning,
    result.attempts,
    result.transactionIds.join(" "),
  ]);
  return toCsv([COLUMNS, ...rows]);
}

/** The results as they are, for a program. */
export function resultsJson(results: readonly OrderResult[]): string {
  return `${JSON.stringify({ results }, null, 2)}\n`;
}

/** Hands a text to the browser as a download. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = h("a", { href: url, download: name });
  link.click();
  // The browser has taken hold of the blob by then; without this it would live as long as the page.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
