/** What a form is bound by, and what a bound form gives. */
import type { Order } from "../generated/model.js";
import { aFunction, checkOptions, nameOf, rules } from "../options.js";
import type { Issue, OrderDraft, RuleOptions, ValidationReport } from "../types.js";

/** An order that a person has filled in and submitted; it has no error. */
export interface FormSubmission {
  readonly order: Order;
  /** The order as JSON text, its amounts digit for digit as they were typed: 19.90 where `order` has 19.9. */
  readonly json: string;
  /** What the validator says of it: there may be warnings. */
  readonly report: ValidationReport;
  readonly event: SubmitEvent;
}

/** How a form is bound. */
export interface BindFormOptions extends RuleOptions {
  /**
   * What belongs to the order and is not in the form, such as the `clientId`. A field that the form has a control for is the
   * control's alone; a list that the form has rows for is the rows' alone. It is read at every check, so it may change.
   */
  readonly defaults?: OrderDraft;
  /**
   * Completes the order as `buildOrder` does: line ids, totals, dates, documented defaults. The builder is loaded beside the validator
   * then. Default false.
   */
  readonly build?: boolean;
  /**
   * Hears of every check. What it throws goes to `reportError` or to the console, and changes nothing. It may write into the
   * form; if that changes the order, it hears of that as well.
   */
  readonly onReport?: (report: ValidationReport) => void;
  /**
   * Takes the order in place of the browser's own submission. While a promise that it returns is pending, the form is not submitted
   * again. Without it the form is submitted as its `action` says.
   */
  readonly onSubmit?: (submission: FormSubmission) => void | Promise<void>;
  /** What the button of a mend says. Default `Use “value”`, also where this throws; what it throws goes to `reportError`. */
  readonly fixLabel?: (issue: Issue) => string;
  /** Unbinds the form. If it is aborted before the form is bound, `bindForm` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** A form that is checked while it is filled in. */
export interface FormBinding {
  readonly form: HTMLFormElement;
  /** The order as of the last check, or of a new one if controls have come or gone since. An order only in so far as `report.valid`. */
  readonly order: Order;
  /** The same as JSON text, amounts digit for digit as they were typed. */
  readonly json: string;
  /** What the last check found. */
  readonly report: ValidationReport;
  /** Checks the form now; for a page that has set values by itself, which no event tells of. */
  validate(): ValidationReport;
  /** Checks the form and shows everything that is wrong, as an attempt to submit it does. Gives whether it may be submitted; if not, the focus is on what is wrong. */
  reportValidity(): boolean;
  /** Puts in every mend that is certain. Gives how many. */
  applyFixes(): number;
  /** Lets the form go: what was set is put back, what was added is taken away. What the person has typed stays. */
  unbind(): void;
}

const CHECKS = {
  ...rules,
  defaults: (value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? undefined : `must be an object, not ${nameOf(value)}.`,
  build: (value: unknown) => (typeof value === "boolean" ? undefined : `must be true or false, not ${nameOf(value)}.`),
  onReport: aFunction,
  onSubmit: aFunction,
  fixLabel: aFunction,
  signal: (value: unknown) => (value instanceof AbortSignal ? undefined : `must be an AbortSignal, not ${nameOf(value)}.`),
};

/** Throws a TypeError for options that cannot be meant. */
export function checkBindOptions(options: unknown): void {
  checkOptions("bindForm", options, CHECKS);
}

/** Throws the reason of a signal that has aborted; `AbortSignal.throwIfAborted` is younger than the oldest browsers that will do. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason ?? new DOMException("The binding was ended by its signal.", "AbortError");
}
