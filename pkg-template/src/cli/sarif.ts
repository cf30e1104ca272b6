/** Reports in the format of static analysis tools, SARIF 2.1.0 (OASIS), which code hosts show beside the lines. */
import { pathToFileURL } from "node:url";
import { isAbsolute } from "node:path";

import { RULES } from "../generated/rules.js";
import type { Issue } from "../types.js";
import type { FileReport } from "./formats.js";
import { version } from "./help.js";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** The log of a run. */
export function sarif(reports: readonly FileReport[]): object {
  const listed = reports.flatMap(({ file, issues }) => issues.map((issue) => ({ file, issue })));
  const rules = RULES.map(({ id, description, severity, provenance }) => ({
    id,
    shortDescription: { text: description },
    help: { text: `${description} Known: ${provenance}.` },
    defaultConfiguration: { level: severity },
    properties: { provenance },
  }));
  const failures = reports.flatMap(({ file, failure }) =>
    failure === undefined ? [] : [{ level: "error", message: { text: `${file}: ${failure}` } }],
  );
  const counts = reports.map(({ issues, ...counts }) => counts);
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "pb-fulfillment", semanticVersion: version(), rules } },
        columnKind: "unicodeCodePoints",
        invocations: [{ executionSuccessful: failures.length === 0, toolExecutionNotifications: failures }],
        results: listed.map(({ file, issue }) => result(file, issue)),
        properties: { files: counts },
      },
    ],
  };
}

function result(file: string, issue: Issue): object {
  const { code, severity, message, help, pointer, position, orderIndex, clientOrderId, expected, received } = issue;
  const region = position && { startLine: position.line, startColumn: position.column };
  const name = clientOrderId ?? (orderIndex === undefined ? undefined : `order ${orderIndex + 1}`);
  return {
    ruleId: code,
    ruleIndex: RULES.findIndex(({ id }) => id === code),
    level: severity,
    message: { text: help === undefined ? message : `${message} ${help}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...(region && { region }) },
        logicalLocations: [{ fullyQualifiedName: pointer, ...(name !== undefined && { name }) }],
      },
    ],
    properties: { orderIndex, clientOrderId, expected, received },
  };
}

/** A path as a reference of RFC 3986. */
function uriOf(file: string): string {
  if (file === "-") return "stdin";
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(/[\\/]/).map(encodeURIComponent).join("/");
}
