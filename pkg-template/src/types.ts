/** The types of what goes in and what comes out, apart from the objects of the API (`generated/model`). */
import type { BulkOrdersRequest, IssueCode, Order, OrderErrorCode } from "./generated/model.js";

/** Orders: JSON text, the bytes of JSON text, `{ orders: [...] }` or a list of orders. */
export type OrdersInput = string | Uint8Array | BulkOrdersRequest | readonly Order[];

/** One order: JSON text, its bytes, or the object. */
export type OrderInput = string | Uint8Array | Order;

/** How grave an issue is: an order with an error is not sent; one with a warning may not be what was meant. */
export type Severity = "error" | "warning";

/** How a rule is known: from the API's reference or a sample there, inferred by us, from JSON itself, or a limit of this package. */
export type Provenance = "documented" | "sample" | "inferred" | "json" | "package";

/** A mend that is certain: puts a value in place of the one at fault, or takes the field out. */
export type Fix = { readonly op: "replace"; readonly value: unknown } | { readonly op: "remove" };

/** One thing that is wrong or doubtful, and where. A superset of an issue of Standard Schema v1. */
export interface Issue {
  readonly severity: Severity;
  /** The rule. Stable; new ones may come. */
  readonly code: IssueCode;
  /** A sentence for a person, which names the field as they know it. */
  readonly message: string;
  /** The way from the root of the input to the value. */
  readonly path: readonly (string | number)[];
  /** The same as a JSON Pointer (RFC 6901). */
  readonly pointer: string;
  /** Which order of the input it is about, from 0; absent if it is about the whole. */
  readonly orderIndex?: number;
  /** That order's own id, if it has one. */
  readonly clientOrderId?: string;
  /** What the rule wants. */
  readonly expected?: string;
  /** What was found, shortened if it is long. */
  readonly received?: string;
  /** How to mend it. */
  readonly help?: string;
  /** The mend, where it is certain. */
  readonly fix?: Fix;
  /** Line and column, from 1, in a text that is not JSON, and in a stream wherever it is wanted. */
  readonly position?: { readonly line: number; readonly column: number };
  readonly provenance: Provenance;
}

/** The verdict on an input. */
export interface ValidationReport {
  /** Whether there is no error; warnings may be there. */
  readonly valid: boolean;
  /** How many orders the input has. */
  readonly orderCount: number;
  /** How many errors were found, those beyond `maxIssues` included. */
  readonly errorCount: number;
  /** How many warnings were found, those beyond `maxIssues` included. */
  readonly warningCount: number;
  /** Whether `maxIssues` cut the list. */
  readonly truncated: boolean;
  /** What was found, in the order of the input. */
  readonly issues: readonly Issue[];
}

/** Another wording for an issue: a text, or a function that makes one. */
export type Message = string | ((issue: Issue) => string);

/** What the validator looks for, and how it says it. */
export interface RuleOptions {
  /** Rules with a severity of their own. Those of JSON itself cannot be set. */
  readonly severity?: { readonly [code in IssueCode]?: Severity | "off" };
  /** Other wordings, as for another language. */
  readonly messages?: { readonly [code in IssueCode]?: Message };
}

/** How the validator works. */
export interface ValidateOptions extends RuleOptions {
  /** How many issues the report lists; more are only counted. Default 10,000. */
  readonly maxIssues?: number;
  /** The largest input in bytes. Default 104,857,600 (100 MiB). */
  readonly maxBytes?: number;
  /** How many orders the input may have. Default no limit; one request of the API takes 200. */
  readonly maxOrders?: number;
}

/** What a form wants to know of a field. */
export interface FieldDescription {
  /** Its name in the API. */
  readonly name: string;
  /** Its name for people, with a capital. */
  readonly label: string;
  /** What it is for. */
  readonly description: string;
  readonly type: "string" | "number" | "boolean" | "object" | "array" | "any";
  /** What the text stands for. */
  readonly format?: "date-time" | "country" | "currency" | "postal-code";
  readonly required: boolean;
  /** Whether the API keeps it for future use. */
  readonly reserved: boolean;
  /** How many characters it takes, in Unicode code points; of a list of texts, each of them. */
  readonly maxLength?: number;
  /** How many entries it takes. */
  readonly maxItems?: number;
  /** The values it takes. */
  readonly values?: readonly string[];
  /** What the API takes if it is left out. */
  readonly default?: string;
  readonly provenance: Provenance;
}

/**
 * What a storefront has at checkout: the fields of an order, none of them demanded. Amounts may be decimal text, such as "19.90";
 * dates a `Date`, milliseconds since 1970 or any ISO 8601 text; street lines one text of several lines.
 */
export type OrderDraft = Draft<Order>;

/** A draft: JSON text, its bytes, or the object. */
export type DraftInput = string | Uint8Array | OrderDraft;

type Draft<T> = { readonly [K in keyof T]?: DraftValue<K, Exclude<T[K], undefined>> | null };
type DraftValue<K, T> = K extends `${string}Date`
  ? Date | string | number
  : K extends "postalCode"
    ? string | number
    : T extends number
      ? number | string
      : T extends readonly string[]
        ? readonly string[] | string
        : T extends readonly (infer E)[]
          ? readonly (E extends object ? Draft<E> : E)[]
          : T extends object
            ? Draft<T>
            : T;

/** How an order is built. */
export interface BuildOptions extends RuleOptions {
  /** The time for `createDate`, if the draft has none. Default now. */
  readonly now?: Date | number;
}

/** A complete order, and what the validator says of it. */
export interface BuiltOrder {
  /** The order; an order only in so far as `report.valid`. */
  readonly order: Order;
  /** The order as JSON: an amount is there to the digit where `order` has a binary float. */
  readonly bytes: Uint8Array;
  readonly report: ValidationReport;
}

/** Orders with mends applied. */
export interface FixedOrders {
  /** The mended orders. */
  readonly orders: Order[];
  /** The mended input as JSON: what no mend touched is as it was, to the byte. */
  readonly bytes: Uint8Array;
  /** How many mends were applied. */
  readonly applied: number;
}

/** How orders are divided into requests. */
export interface BatchOptions {
  /** How many orders a request has at most. Default 200, the API's limit. */
  readonly maxOrders?: number;
  /** What the ids of the batches begin with: 1 to 100 characters of `[A-Za-z0-9._:-]`. Default a new UUID. */
  readonly submissionId?: string;
}

/** The orders of one request. */
export interface OrderBatch {
  /** `<submissionId>.<number>`; fit to be an idempotency key. */
  readonly batchId: string;
  /** The body of the request, in JSON: the very bytes of the orders. */
  readonly body: Uint8Array;
  /** Which orders of the input, from 0. */
  readonly orders: readonly number[];
  /** Batches of a wave may travel side by side. The second order with the same ids waits for the wave after the first. */
  readonly wave: number;
}

/** The validator, loaded: every call gives its value at once, for use at each keystroke. */
export interface Validator {
  /** Validates orders. It never throws for what is in them. */
  validateOrders(input: OrdersInput, options?: ValidateOptions): ValidationReport;
  /** Validates one order. Paths begin at the order. */
  validateOrder(input: OrderInput, options?: ValidateOptions): ValidationReport;
  /** Applies the mends of these issues of `input`, or of all in a report. Throws if the input is no list of orders. */
  applyFixes(input: OrdersInput, chosen: ValidationReport | readonly Issue[]): FixedOrders;
  /** What a form wants to know of the field at a path such as `toAddress.postalCode`, or at the path of an issue; nothing if there is none. */
  describeField(path: string | readonly (string | number)[]): FieldDescription | undefined;
}

/** The builder, loaded: it gives its value at once, for a checkout that is built anew at each change. */
export interface Builder {
  /** Makes a complete order: line ids, exact totals, defaults, dates. Throws if the draft is not JSON. */
  buildOrder(draft: DraftInput, options?: BuildOptions): BuiltOrder;
}

/** What became of an order. */
export type Outcome =
  /** The reply names it with an id: it is stored. */
  | "accepted"
  /** The API answered that it refuses this order or its whole request: it is not stored. */
  | "rejected"
  /** Not sent, since it has errors. */
  | "invalid"
  /** Not sent, or provably not processed: it may be submitted again. */
  | "failed"
  /** Sent, and perhaps processed: look it up before it is sent again. */
  | "unknown";

/** How many orders have each outcome. */
export type OutcomeCounts = { readonly [outcome in Outcome]: number };

/** What the API said, in its own words. */
export interface ApiError {
  readonly errorCode?: string;
  readonly errorDescription?: string;
  readonly additionalInfo?: string;
  readonly parameters?: readonly string[];
}

/** Why an order was not accepted. */
export interface OrderError {
  /** For a program. Stable; new ones may come. `internal`: a fault of this package or of the broker. */
  readonly code: OrderErrorCode;
  /** What happened and what to do, for a person. */
  readonly message: string;
  /** The status of the answer, if one came. */
  readonly status?: number;
  /** The id under which the broker's log knows the request. */
  readonly requestId?: string;
  /** What the API said. */
  readonly errors?: readonly ApiError[];
  /** The runtime's own error, such as that of `fetch`, or the reason of an abort. */
  readonly cause?: unknown;
}

/** What became of one order. */
export interface OrderResult {
  /** Which order of the input, from 0. */
  readonly orderIndex: number;
  /** Its own id, if it has one. */
  readonly clientOrderId?: string;
  readonly outcome: Outcome;
  /** Its id at Pitney Bowes, if it was accepted. */
  readonly orderId?: string;
  /** Its status there, such as `RECEIVED`. */
  readonly status?: string;
  /** What is wrong with it, if it is invalid. */
  readonly issues?: readonly Issue[];
  /** Why it was not accepted. */
  readonly error?: OrderError;
  /** The ids of the requests to the API that it was part of, as far as an answer named them. */
  readonly transactionIds: readonly string[];
  /** How many requests to the broker it was part of. */
  readonly attempts: number;
}

/** What became of all orders. */
export interface Submission {
  readonly submissionId: string;
  /** One result for each order, in input order. */
  readonly results: readonly OrderResult[];
  readonly counts: OutcomeCounts;
}

/** How far a submission has come. */
export interface SubmissionProgress {
  readonly submissionId: string;
  /** How many orders it has; of a stream, how many have been read. */
  readonly total: number;
  /** How many of them have a result. */
  readonly done: number;
  readonly counts: OutcomeCounts;
  readonly batches: { readonly total: number; readonly done: number };
  /** The results since the last call. */
  readonly results: readonly OrderResult[];
}

/** Something that happened on the way, for logs. It holds nothing of what is in the orders but their ids. */
export type SubmissionEvent =
  | {
      readonly type: "plan";
      readonly submissionId: string;
      /** Which order of the whole input the first one is: 0, unless these are a part of a stream. */
      readonly firstOrder: number;
      /** The `clientOrderId` of each order. */
      readonly clientOrderIds: readonly (string | null)[];
      readonly batches: number;
    }
  /** A request leaves. `orders` are indices in the input. */
  | { readonly type: "request"; readonly batchId: string; readonly attempt: number; readonly orders: readonly number[] }
  /** An answer was read to its end. */
  | {
      readonly type: "response";
      readonly batchId: string;
      readonly attempt: number;
      readonly status: number;
      readonly durationMs: number;
      readonly requestId?: string;
    }
  /** No whole answer came. */
  | {
      readonly type: "failure";
      readonly batchId: string;
      readonly attempt: number;
      readonly code: OrderErrorCode;
      readonly durationMs: number;
    }
  /** The request will be sent again. */
  | {
      readonly type: "retry";
      readonly batchId: string;
      readonly attempt: number;
      readonly code: OrderErrorCode;
      readonly delayMs: number;
    };

/** Sends a request. Any `fetch` will do, and so will a service binding's: `(request) => env.BROKER.fetch(request)`. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** How a client behaves. Times are in milliseconds, at most 2,147,483,647. */
export interface ClientOptions extends RuleOptions {
  /** The broker: an absolute URL, or in a page a path on its own origin, such as `/api`. */
  readonly baseURL: string | URL;
  /** What sends the requests. Default the global `fetch`. */
  readonly fetch?: Fetch;
  /** Header fields for each request, such as the shop's own `Authorization`. TypeScript 5.0 does not know a list for an `Iterable`. */
  readonly headers?: { readonly [name: string]: string } | readonly (readonly [string, string])[] | Iterable<readonly [string, string]>;
  /** How long one request may take until its answer is read to the end. Default 30,000. */
  readonly timeout?: number;
  /** How long a whole submission may take. Default no limit. */
  readonly deadline?: number;
  /** How often a batch is sent again. Default 2. */
  readonly maxRetries?: number;
  /** The longest wait that an answer may ask for. Default 60,000. */
  readonly maxRetryAfter?: number;
  /** How many batches travel side by side. Default 3. */
  readonly concurrency?: number;
  /**
   * What to do when nobody knows whether the API acted on a request: say so (`"report"`, the default: its orders end as `unknown`),
   * or send it again (`"resend"`), which is right only where an order that comes twice is updated and not doubled.
   */
  readonly onAmbiguous?: "report" | "resend";
  /** Hears what happens on the way. What it throws goes to `reportError` or to the console, and changes nothing. */
  readonly onEvent?: (event: SubmissionEvent) => void;
}

/** How one submission behaves. */
export interface SubmitOptions extends RuleOptions {
  /** Ends the submission: requests under way are cut, and every order still has its outcome. */
  readonly signal?: AbortSignal;
  /** Hears how far it has come. What it throws goes to `reportError` or to the console, and changes nothing. */
  readonly onProgress?: (progress: SubmissionProgress) => void;
  /** If some orders have errors: send nothing (`"stop"`, the default), or send the others (`"skip"`). */
  readonly onInvalid?: "stop" | "skip";
  /** 1 to 100 characters of `[A-Za-z0-9._:-]`. Default a new UUID. The same id with the same orders gives the same idempotency keys. */
  readonly submissionId?: string;
  /** The largest input in bytes. Default 104,857,600 (100 MiB). */
  readonly maxBytes?: number;
}

/** Problem details (RFC 9457), as the broker writes them. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: OrderErrorCode;
  /** Whether the API may have acted on the request. */
  readonly processed: "no" | "unknown";
  readonly retryable: boolean;
  readonly requestId?: string;
  readonly errors?: readonly { readonly detail: string; readonly pointer: string; readonly code?: IssueCode }[];
  readonly upstream?: { readonly status: number; readonly errors: readonly ApiError[] };
}
