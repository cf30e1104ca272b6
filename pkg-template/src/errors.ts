import type { SubmissionSummary } from "./streams/types.js";
import type { ProblemDetails, ValidationReport } from "./types.js";

/** What went wrong, for a program. The set may grow; the meaning of a code does not change. */
export type FulfillmentErrorCode =
  /** The input is not JSON; `report` says where it goes wrong. */
  | "invalid_json"
  /** The input is JSON and no list of orders, or too large; `report` says why. */
  | "invalid_input"
  /** A stream was not read to its end: its source failed, or a signal or the deadline ended it; `cause` says why. */
  | "stream_cut"
  /** The WebAssembly file could not be fetched. */
  | "wasm_unreachable"
  /** The WebAssembly file is not where it should be, or something else is there. */
  | "wasm_not_found"
  /** The page's Content-Security-Policy does not let WebAssembly run. */
  | "wasm_blocked"
  /** `pb-fulfillment/slim` was used before `initialize` had given it the WebAssembly. */
  | "not_initialized"
  /** The runtime lacks what this package cannot do without; the message names it. */
  | "unsupported_runtime"
  /** The outbox did not do what it was asked for; `problem` says why. */
  | "outbox_refused"
  /** A fault in this package. The package has started afresh and can be used on. */
  | "internal";

/** What an error knows besides its message. */
export interface FulfillmentErrorDetails {
  /** The HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  /** The broker's id of the request, for its logs. */
  readonly requestId?: string | undefined;
  /** What the broker said (RFC 9457). */
  readonly problem?: ProblemDetails | undefined;
  /** What is wrong with the input, when that is why the call failed. */
  readonly report?: ValidationReport | undefined;
  /** What had become of the orders of a stream when it failed. */
  readonly submission?: SubmissionSummary | undefined;
  /** What was thrown underneath, unchanged. */
  readonly cause?: unknown;
}

const BRAND = Symbol.for("pb-fulfillment.error");

/** What this package throws and rejects with, but for a TypeError where a call cannot be meant. */
export class FulfillmentError extends Error {
  override readonly name = "FulfillmentError";
  /** What went wrong. */
  readonly code: FulfillmentErrorCode;
  /** The HTTP status, when there was an answer. */
  readonly status?: number;
  /** The broker's id of the request, for its logs. */
  readonly requestId?: string;
  /** What the broker said (RFC 9457). */
  readonly problem?: ProblemDetails;
  /** What is wrong with the input, when that is why the call failed. */
  readonly report?: ValidationReport;
  /** What had become of the orders of a stream when it failed. */
  readonly submission?: SubmissionSummary;

  constructor(code: FulfillmentErrorCode, message: string, details: FulfillmentErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    const { status, requestId, problem, report, submission } = details;
    Object.assign(this, { status, requestId, problem, report, submission });
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether the value is an error of this package, of whichever copy of it. */
export function isFulfillmentError(value: unknown): value is FulfillmentError {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** The codes by which the program names a call that cannot be meant. */
const WRONG_CALL = ["wrong_call", "invalid_options"];

/** Makes a real error of what the instance gave out: its plain form of one, or a value thrown by the caller's own code. */
export function toError(thrown: unknown): unknown {
  if (thrown instanceof Error || typeof thrown !== "object" || thrown === null) return thrown;
  const { code, message, ...details } = thrown as FulfillmentErrorDetails & { code?: string; message?: string };
  if (code === undefined || message === undefined) return thrown;
  if (WRONG_CALL.includes(code)) return new TypeError(message);
  return new FulfillmentError(code as FulfillmentErrorCode, message, details);
}
