/** What `validate` prints, in each of its formats. */
import type { Issue } from "../types.js";
import { named, plain, print } from "./output.js";
import { sarif } from "./sarif.js";

/** What was found in one file. */
export interface FileReport {
  readonly file: string;
  readonly orderCount: number;
  readonly errorCount: number;
  readonly warningCount: number;
  /** How many issues are listed. */
  readonly listed: number;
  /** Those, unless they have been printed. */
  readonly issues: readonly Issue[];
  /** Why it was not read to its end. */
  readonly failure: string | undefined;
}

/** Prints reports. */
export interface Format {
  /** Whether issues are printed as they are found, and need not be kept. */
  readonly live: boolean;
  /** An issue was found. */
  issue(file: string, issue: Issue): Promise<void>;
  /** All files were looked at. */
  end(reports: readonly FileReport[]): Promise<void>;
}

const count = (number: number, what: string): string => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;

/** Which order an issue is about, from 1. */
function orderOf({ orderIndex, clientOrderId }: Issue): string {
  if (orderIndex === undefined) return "";
  return `order ${orderIndex + 1}${clientOrderId === undefined ? "" : ` (${clientOrderId})`}: `;
}

const human: Format = {
  live: true,
  issue(file, issue) {
    const { line, column } = issue.position ?? {};
    const place = line === undefined ? named(file) : `${named(file)}:${line}:${column}`;
    const help = issue.help === undefined ? "" : ` ${issue.help}`;
    return print(`${place}: ${issue.severity}: ${plain(`${orderOf(issue)}${issue.message}${help}`)} [${issue.code}]\n`);
  },
  async end(reports) {
    for (const { file, orderCount, errorCount, warningCount, listed, failure } of reports) {
      // What could not be opened has nothing to tell.
      if (failure !== undefined && orderCount === 0) continue;
      const rest = errorCount + warningCount - listed;
      const more = rest > 0 ? `; ${count(rest, "issue")} not listed` : "";
      await print(
        `${named(file)}: ${count(orderCount, "order")}, ${count(errorCount, "error")}, ${count(warningCount, "warning")}${more}\n`,
      );
    }
  },
};

const json: Format = {
  live: false,
  async issue() {},
  async end(reports) {
    const files = reports.map(({ file, orderCount, errorCount, warningCount, listed, issues, failure }) => {
      const truncated = errorCount + warningCount > listed;
      const valid = errorCount === 0 && failure === undefined;
      return { file, valid, orderCount, errorCount, warningCount, truncated, issues, failure };
    });
    await print(`${JSON.stringify({ valid: files.every(({ valid }) => valid), files })}\n`);
  },
};

const asSarif: Format = {
  live: false,
  async issue() {},
  end: (reports) => print(`${JSON.stringify(sarif(reports))}\n`),
};

export const FORMATS = { human, json, sarif: asSarif };
