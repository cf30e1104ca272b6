/** The types of streams: what goes in, and what comes out of them. */
import type { Order } from "../generated/model.js";
import type { OrderResult, OutcomeCounts, RuleOptions, SubmitOptions, ValidationReport } from "../types.js";

/**
 * Orders that need not be in memory together: the orders themselves, or bytes or text of NDJSON, of one list, or of
 * `{ "orders": [...] }`, in whatever pieces.
 */
export type OrdersStream =
  | ReadableStream<Uint8Array | ArrayBuffer | string | Order>
  | AsyncIterable<Uint8Array | ArrayBuffer | string | Order>
  // An iterator, such as a generator is: a list of orders is all there.
  | (Iterable<Order> & { next(): unknown });

/** How a stream is validated. */
export interface ValidateStreamOptions extends RuleOptions {
  /** How many issues a report lists, that of a part as well as that of the whole; more are only counted. Default 10,000. */
  readonly maxIssues?: number;
  /** The largest order in bytes. Default 8,388,608 (8 MiB), what a broker takes. */
  readonly maxBytes?: number;
  /** Whether warnings are listed; they are counted all the same. Default true. */
  readonly warnings?: boolean;
  /** Whether each issue is given its `position` in the text. */
  readonly positions?: boolean;
  /** Ends the reading: the source is closed, and the report is rejected with `stream_cut`. */
  readonly signal?: AbortSignal;
}

/** The verdict on orders that followed one another in a stream. Without orders, it is about what stands around them. */
export interface ReportPart extends ValidationReport {
  /** Which order of the whole input the first of them is, from 0. */
  readonly firstOrder: number;
}

/**
 * The verdict on a stream. Loop over it to have each part as soon as it is known, await it for the whole, or both. Nothing is read
 * before either, and not faster than the loop goes on; to leave the loop closes the source.
 *
 * Who has begun a loop may await the whole beside it or behind it: that waits for the end of the loop, so do not await it within. It is
 * rejected as the loop was, and with a FulfillmentError of code `stream_cut` where the loop was left, since there is no verdict on the
 * whole then. Without a loop, to await it reads all; a loop that begins later throws a TypeError. An async function that returns it
 * awaits it so: return `{ report }` to have the loop outside.
 */
export interface StreamReport extends AsyncIterable<ReportPart>, Pick<Promise<ValidationReport>, "then" | "catch" | "finally"> {}

/** How the orders of a stream are submitted. */
export interface SubmitStreamOptions extends Omit<SubmitOptions, "onInvalid"> {
  /** Orders without errors are sent before the others have been seen, so none can stop them. */
  readonly onInvalid: "skip";
  /** The largest order in bytes. Default 8,388,608 (8 MiB), what a broker takes. */
  readonly maxBytes?: number;
}

/** What became of the orders of a stream. */
export interface SubmissionSummary {
  readonly submissionId: string;
  /** How many orders have an outcome. */
  readonly orderCount: number;
  readonly counts: OutcomeCounts;
}

/**
 * The submission of a stream. Loop over it to have each result as soon as it is known, await it for the counts, or both. Nothing is
 * sent before either, and not faster than the loop goes on; to leave the loop cuts the requests under way and closes the source.
 *
 * Who has begun a loop may await the counts beside it or behind it: that waits for the end of the loop, so do not await them within.
 * They are rejected as the loop was; where it was left, they are those of the orders that have an outcome. Without a loop, to await it
 * sends all; a loop that begins later throws a TypeError. An async function that returns it awaits it so: return `{ submission }` to
 * have the loop outside.
 */
export interface StreamSubmission extends AsyncIterable<OrderResult>, Pick<Promise<SubmissionSummary>, "then" | "catch" | "finally"> {}
