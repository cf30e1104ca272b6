/** The validator over a program that is loaded: all its calls answer at once. */
import type { core } from "./core.js";
import { isFulfillmentError } from "./errors.js";
import type { Order } from "./generated/model.js";
import { createUuid } from "./ids.js";
import { toBytes } from "./input.js";
import { checkOptions, nameOf, rules, submissionId, whole } from "./options.js";
import { plainRules, ready, readyReport } from "./reports.js";
import type { FieldDescription, Issue, OrderBatch, ValidateOptions, ValidationReport, Validator } from "./types.js";

type Core = Awaited<ReturnType<typeof core>>;

const VALIDATE = { ...rules, maxIssues: whole(0), maxBytes: whole(0), maxOrders: whole(0) };
const BUILD = { ...rules, now: (value: unknown) => (Number.isFinite(Number(value)) ? undefined : "must be a Date or milliseconds.") };
const BATCH = { maxOrders: whole(1), submissionId };

const decoder = new TextDecoder();
const parse = (bytes: Uint8Array): unknown => JSON.parse(decoder.decode(bytes));

/** A validator over a program that is loaded. */
export function validatorOver(core: Core): Validator {
  const validate = (name: string, input: unknown, order: boolean, options: ValidateOptions = {}): ValidationReport => {
    checkOptions(name, options, VALIDATE);
    const { maxIssues, maxBytes, maxOrders, messages } = options;
    const call = { input: toBytes(input, name), order, maxIssues, maxBytes, maxOrders, ...plainRules(options) };
    return readyReport(core.call<ValidationReport>("validate", call), messages);
  };
  return {
    validateOrders: (input, options) => validate("validateOrders", input, false, options),
    validateOrder: (input, options) => validate("validateOrder", input, true, options),

    applyFixes(input, chosen) {
      const issues = "issues" in chosen ? chosen.issues : chosen;
      if (!Array.isArray(issues)) {
        throw new TypeError(`applyFixes: the second argument must be a report or a list of its issues, not ${nameOf(chosen)}.`);
      }
      const fixable = (issues as readonly Issue[]).filter((issue) => issue.fix).map((issue) => [issue.code, issue.pointer]);
      const call = { input: toBytes(input, "applyFixes"), chosen: fixable };
      const { bytes, applied } = core.call<{ bytes: Uint8Array; applied: number }>("applyFixes", call);
      const root = parse(bytes) as Order[] | { orders: Order[] };
      return { orders: Array.isArray(root) ? root : root.orders, bytes, applied };
    },

    describeField(path) {
      const names = (typeof path === "string" ? path.split(".") : path).filter((name) => typeof name === "string");
      if (names[0] === "orders") names.shift();
      return core.call<FieldDescription | undefined>("describeField", { path: names.join(".") });
    },

    buildOrder(draft, options = {}) {
      checkOptions("buildOrder", options, BUILD);
      const call = { draft: toBytes(draft, "buildOrder"), now: Number(options.now ?? Date.now()) };
      const bytes = core.call<Uint8Array>("buildOrder", call);
      const report = core.call<ValidationReport>("validate", { input: bytes, order: true, ...plainRules(options) });
      return { order: parse(bytes) as Order, bytes, report: readyReport(report, options.messages) };
    },

    batchOrders(input, options = {}) {
      checkOptions("batchOrders", options, BATCH);
      const { maxOrders: size, submissionId = createUuid() } = options;
      return withReadyReport(() => core.call<OrderBatch[]>("batchOrders", { input: toBytes(input, "batchOrders"), size, submissionId }));
    },
  };
}

/** Makes the report of an error ready, if one is thrown. */
function withReadyReport<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (isFulfillmentError(error)) ready(error.report?.issues, undefined);
    throw error;
  }
}
