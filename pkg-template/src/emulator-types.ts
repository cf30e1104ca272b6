/** The types of the emulator. */
import type { FaultKind, Order } from "./generated/model.js";

/** One thing that goes wrong. */
export interface Fault {
  readonly fault: FaultKind;
  /** Which call it meets. Default `"orders"`. */
  readonly on?: "orders" | "token" | "any";
  /** How long the answer, or the cut, is held back after acting, in milliseconds. Default 0. */
  readonly latencyMs?: number;
  /** The `Retry-After` of an answer that refuses the request: seconds or an HTTP-date, as text. Default none. */
  readonly retryAfter?: string | null;
  /** Which orders are refused or left out of the reply, by `clientOrderId`; if there are none, `every` tells. */
  readonly clientOrderIds?: readonly string[];
  /** Each how-manieth order of the request is refused or left out. Default 2; 1 for all of them. */
  readonly every?: number;
}

/** What goes wrong, and when. A name alone stands for a fault without further members. */
export interface FaultPlan {
  /** Each fault meets one request of the call it is for, in this order. It goes before `random`. */
  readonly script?: readonly (FaultKind | Fault)[];
  /** Faults by chance: the same seed and the same requests meet the same ones again. */
  readonly random?: {
    /** Chooses the run. Default 0. */
    readonly seed?: number;
    /** How likely a request meets a fault, 0 to 1. Default 0.25. */
    readonly probability?: number;
    /** Each as likely as the others; one that is listed twice is twice as likely. */
    readonly faults?: readonly (FaultKind | Fault)[];
  } | null;
}

/** An order that the emulator has taken. */
export interface StoredOrder {
  /** The id it was given: `ORA`, 19 digits, `US`. */
  readonly orderId: string;
  readonly clientId: string;
  readonly clientOrderId: string;
  /** The transaction id of the request that brought it last. */
  readonly transactionId: string;
  /** When it came last, in milliseconds since 1970. */
  readonly receivedMs: number;
  /** How many times it came: more than once if it was updated. */
  readonly revisions: number;
  /** The order as it came last. */
  readonly order: Order;
}

/** How an emulator is set up. */
export interface EmulatorOptions {
  /** The only key it knows, and its secret. Default `emulator-key` and `emulator-secret`. */
  readonly credentials?: { readonly apiKey: string; readonly apiSecret: string };
  /**
   * What an order does that comes again, with the same `clientId` and `clientOrderId`: it replaces the stored one (`"update"`, the
   * default), or is stored beside it (`"create"`). Which of these the API does is not documented.
   */
  readonly duplicates?: "update" | "create";
  /** What goes wrong. Default nothing. */
  readonly faults?: FaultPlan;
  /** Makes tokens and order ids the same in each run. Default: they are random. Faults have a seed of their own. */
  readonly seed?: number;
  /** The time, in milliseconds since 1970 or as a `Date`, for stamps and for the life of tokens. Default: the clock. Latencies take real time. */
  readonly now?: () => number | Date;
  /** How long a token is valid, in seconds. Default 35,999, as documented. */
  readonly tokenLifetime?: number;
}

/** The API, emulated in memory. A fault of the package itself empties it. */
export interface Emulator {
  /**
   * Answers a request. Only method, path, header fields and body count; the host may be any. Where a connection is to be cut, this
   * rejects with a TypeError, as `fetch` does; where it is to be cut in the middle of an answer, the answer's body errors.
   */
  fetch(request: Request): Promise<Response>;
  /** The stored orders, oldest first. */
  orders(): Promise<StoredOrder[]>;
  /** Forgets all orders. */
  clearOrders(): Promise<void>;
  /** What is left of the plan of faults. */
  faults(): Promise<FaultPlan>;
  /** Sets what goes wrong from now on; a script and a seed start anew. `{}` ends all faults. Rejects with a TypeError for a plan that cannot be read. */
  setFaults(plan: FaultPlan): Promise<void>;
}
