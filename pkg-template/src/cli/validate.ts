/** `pb-fulfillment validate`: checks files of orders. */
import { streams } from "#core";

import { isFulfillmentError } from "../errors.js";
import { core } from "../core.js";
import { RULES } from "../generated/rules.js";
import { plainRules, readyReport } from "../reports.js";
import { addCounts, noCounts, partsOf } from "../streams/reading.js";
import type { Issue, Severity, ValidationReport } from "../types.js";
import { oneOf, read, whole, WrongUse } from "./arguments.js";
import { Blank, open } from "./files.js";
import { FORMATS, type FileReport } from "./formats.js";
import { HELP } from "./help.js";
import { endWith, named, plain, print, printError } from "./output.js";
import { Progress } from "./progress.js";

const OPTIONS = {
  format: { type: "string", default: "human" },
  severity: { type: "string", multiple: true },
  "max-issues": { type: "string", default: "1000" },
  "max-bytes": { type: "string" },
  "errors-only": { type: "boolean", default: false },
  quiet: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Checks files; gives the exit code. */
export async function validate(args: string[]): Promise<number> {
  const { values, positionals: files } = read(args, OPTIONS);
  if (values.help) {
    await print(HELP);
    return 0;
  }
  if (files.length === 0) throw new WrongUse("say which files to validate; - is standard input.");
  const format = FORMATS[oneOf("format", values.format, ["human", "json", "sarif"])];
  const severity = Object.fromEntries((values.severity ?? []).map(levelOf));
  const maxBytes = whole("max-bytes", values["max-bytes"]);
  let left = whole("max-issues", values["max-issues"]) ?? 0;
  const reports: FileReport[] = [];

  for (const file of files) {
    const issues: Issue[] = [];
    const sum = noCounts();
    let listed = 0;
    let failure: string | undefined;
    try {
      const { chunks, size } = await open(file);
      const progress = new Progress(named(file), size, !values.quiet);
      const blank = new Blank();
      const options = { ...plainRules({ severity }), positions: true, warnings: !values["errors-only"], maxBytes };
      const loaded = await core(streams);
      const note = async (part: ValidationReport): Promise<void> => {
        readyReport(part, undefined);
        addCounts(sum, part);
        if (sum.errorCount > 0) endWith(1);
        for (const issue of part.issues) {
          progress.clear();
          await format.issue(file, issue);
          if (!format.live) issues.push(issue);
          listed += 1;
          left -= 1;
        }
        progress.add(part.orderCount);
      };
      try {
        const source = blank.watched(progress.counted(chunks));
        for await (const part of partsOf(loaded, source, options, "validate", undefined, () => left)) await note(part);
        // A stream may end before its first order. A file without anything was not written as it should have been.
        if (blank.still && sum.errorCount === 0)
          await note(loaded.call<ValidationReport>("validate", { ...options, input: new Uint8Array(), maxIssues: left }));
      } finally {
        progress.clear();
      }
    } catch (error) {
      if (error instanceof TypeError) throw new WrongUse(error.message);
      failure = reasonOf(error);
      printError(plain(`${file}: ${failure}`));
    }
    reports.push({ file, ...sum, listed, issues, failure });
  }
  await format.end(reports);
  if (reports.some(({ failure }) => failure !== undefined)) return 2;
  return reports.some(({ errorCount }) => errorCount > 0) ? 1 : 0;
}

/** `CODE=LEVEL`. */
function levelOf(text: string): [string, Severity | "off"] {
  const [, code, level] = /^(\w+)=(\w+)$/.exec(text) ?? [];
  if (code === undefined || level === undefined)
    throw new WrongUse(`--severity must be CODE=LEVEL, such as postal_code=error, not ${text}.`);
  if (!RULES.some(({ id }) => id === code))
    throw new WrongUse(`--severity: there is no rule "${code}". There are ${RULES.map(({ id }) => id).join(", ")}.`);
  return [code, oneOf("severity", level, ["error", "warning", "off"])];
}

/** Why a file was not read to its end. */
function reasonOf(error: unknown): string {
  const cause = isFulfillmentError(error) ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
