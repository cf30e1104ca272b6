/** The validator, and its calls for those who would rather wait than load it themselves. */
import { core } from "./core.js";
import { isFulfillmentError } from "./errors.js";
import type { Order } from "./generated/model.js";
import { createUuid } from "./ids.js";
import { stringify, toBytes } from "./input.js";
import { checkOptions, nameOf, rules, submissionId, whole } from "./options.js";
import { plainRules, ready, readyReport } from "./reports.js";
import type {
  BatchOptions,
  BuildOptions,
  BuiltOrder,
  FieldDescription,
  FixedOrders,
  Issue,
  OrderBatch,
  OrderDraft,
  OrdersInput,
  ValidateOptions,
  ValidationReport,
  Validator,
} from "./types.js";

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
      const call = { draft: toBytes(stringify(draft, "buildOrder"), "buildOrder"), now: Number(options.now ?? Date.now()) };
      const bytes = core.call<Uint8Array>("buildOrder", call);
      const report = core.call<ValidationReport>("validate", { input: bytes, order: true, ...plainRules(options) });
      return { order: parse(bytes) as Order, report: readyReport(report, options.messages) };
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

/** Loads the validator, once. */
export async function loadValidator(): Promise<Validator> {
  return validatorOver(await core());
}

/** Validates orders: any number of them, the limit of 200 belongs to one request. Never rejects for what is in them. */
export async function validateOrders(input: OrdersInput, options?: ValidateOptions): Promise<ValidationReport> {
  return (await loadValidator()).validateOrders(input, options);
}

/** What a form wants to know of the field at a path such as `toAddress.postalCode`, or at the path of an issue; nothing if there is none. */
export async function describeField(path: string | readonly (string | number)[]): Promise<FieldDescription | undefined> {
  return (await loadValidator()).describeField(path);
}

/** Makes a complete order of what a storefront has at checkout: line ids, exact totals, defaults, dates. */
export async function buildOrder(draft: OrderDraft, options?: BuildOptions): Promise<BuiltOrder> {
  return (await loadValidator()).buildOrder(draft, options);
}

/** Applies the mends of these issues of `input`, or of all in a report. */
export async function applyFixes(input: OrdersInput, chosen: ValidationReport | readonly Issue[]): Promise<FixedOrders> {
  return (await loadValidator()).applyFixes(input, chosen);
}

/** Divides orders into requests of at most 200, as they are: with or without errors. Rejects if the input is no list of orders. */
export async function batchOrders(input: OrdersInput, options?: BatchOptions): Promise<OrderBatch[]> {
  return (await loadValidator()).batchOrders(input, options);
}
