/** The validator over a program that is loaded: all its calls answer at once. */
import type { core } from "./core.js";
import { fieldAt } from "./fields.js";
import type { Order } from "./generated/model.js";
import { parse, toBytes } from "./input.js";
import { checkOptions, nameOf, rules, whole } from "./options.js";
import { plainRules, readyReport, withReadyReport } from "./reports.js";
import type { Issue, ValidateOptions, ValidationReport, Validator } from "./types.js";

type Core = Awaited<ReturnType<typeof core>>;

const VALIDATE = { ...rules, maxIssues: whole(0), maxBytes: whole(0), maxOrders: whole(0) };

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
      const fixable = issuesOf(chosen).filter((issue) => issue.fix);
      const call = { input: toBytes(input, "applyFixes"), chosen: fixable.map((issue) => [issue.code, issue.pointer]) };
      const { bytes, applied } = core.call<{ bytes: Uint8Array; applied: number }>("applyFixes", call);
      const orders = ordersOf(bytes);
      if (!orders) return withReadyReport(() => core.call<never>("refuse", { input: call.input }));
      return { orders, bytes, applied };
    },

    describeField(path) {
      if (typeof path !== "string" && !Array.isArray(path)) {
        throw new TypeError(
          `describeField: the path must be a text such as "toAddress.postalCode", or the path of an issue, not ${nameOf(path)}.`,
        );
      }
      const names = (typeof path === "string" ? path.split(".") : path).filter((name) => typeof name === "string");
      if (names[0] === "orders") names.shift();
      return fieldAt(names.join("."));
    },
  };
}

/** The issues of a report, or those of a list. */
function issuesOf(chosen: unknown): readonly Issue[] {
  const issues = typeof chosen === "object" && chosen !== null && "issues" in chosen ? chosen.issues : chosen;
  if (Array.isArray(issues) && issues.every((issue) => typeof issue === "object" && issue !== null)) return issues as readonly Issue[];
  throw new TypeError(`applyFixes: the second argument must be a report or a list of its issues, not ${nameOf(chosen)}.`);
}

/** The orders in JSON, if it is a list of orders. */
function ordersOf(bytes: Uint8Array): Order[] | undefined {
  try {
    const root = parse(bytes) as Order[] | { orders?: Order[] } | null;
    const orders = Array.isArray(root) ? root : root?.orders;
    return Array.isArray(orders) ? orders : undefined;
  } catch {
    return undefined;
  }
}
