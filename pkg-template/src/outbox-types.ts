/** The types of the outbox. Those of Cloudflare's runtime are described by what is used of them, so that no package is needed. */
import type {
  Credentials,
  Fetcher,
  LogRecord,
  Principal,
  RequestContext,
  TokenVaultClass,
  VaultNamespace,
  VaultState,
} from "./broker-types.js";
import type { Order } from "./generated/model.js";
import type { ApiError, OrdersInput, RuleOptions } from "./types.js";

/** How far an order has come: it waits, is on its way, or has ended. */
export type OutboxState =
  | "pending"
  | "sending"
  /** The API's reply names it with an id: it is stored there. */
  | "accepted"
  /** The API answered that it refuses this order: it is not stored there. */
  | "rejected"
  /** It was given up; provably it was not processed. */
  | "dead"
  /** It was sent and may have been processed. */
  | "unknown";

/** That an order is stored in the outbox. */
export interface OutboxReceipt {
  readonly clientId: string;
  readonly clientOrderId: string;
  /** Its number in the outbox of its client. */
  readonly number: number;
  /** `"pending"`, unless it was here before. */
  readonly state: OutboxState;
  /** When it was stored, in milliseconds since 1970. */
  readonly storedAt: number;
  /** Whether it was here before, with the same bytes. */
  readonly repeated: boolean;
}

/** What the outbox knows of an order. */
export interface OutboxOrder {
  readonly clientId: string;
  readonly clientOrderId: string;
  /** Its number in the outbox of its client; a new one each time that it is sent anew. */
  readonly number: number;
  readonly state: OutboxState;
  /** When it was stored, in milliseconds since 1970. */
  readonly storedAt: number;
  /** When it ended, in milliseconds since 1970. */
  readonly endedAt?: number;
  /** Its id at Pitney Bowes, if it was accepted. */
  readonly orderId?: string;
  /** Its status there, such as `RECEIVED`. */
  readonly status?: string;
  /** Why it was not accepted, or what the last attempt to send it met with: a code of {@link OutboxCode}. */
  readonly code?: OutboxCode;
  /** The same in a sentence for a person. */
  readonly detail?: string;
  /** What the API said, in its own words. They are purged with the order's data. */
  readonly errors?: readonly ApiError[];
  /** The ids of the calls to the API that it was part of, the last 20 of them. */
  readonly transactionIds: readonly string[];
  /** How many calls it was part of. */
  readonly attempts: number;
  /** The SHA-256 of its bytes, in hexadecimal digits. */
  readonly digest: string;
  /** Whether its data has been purged. */
  readonly purged: boolean;
  /** Whether it is on the list of dead letters or on that of the unknown. */
  readonly listed: boolean;
}

/** Why an order was not accepted: the outbox's own reasons, and the codes of problems. */
export type OutboxCode =
  | "rejected"
  | "missing_in_reply"
  | "unreadable_in_reply"
  | "contradictory_reply"
  /** The outbox was stopped while the order was on its way. */
  | "interrupted"
  /** Its time ran out before it could be sent. */
  | "given_up"
  /** The outbox was set to another API before the order had ended. */
  | "upstream_changed"
  | (string & {});

/** An entry of a list. */
export interface OutboxLetter extends OutboxOrder {
  /** The order as it was stored, unless it has been purged. */
  readonly order?: Order;
}

/** A page of a list. */
export interface OutboxPage {
  readonly orders: readonly OutboxLetter[];
  /** Where the next page begins, if there may be one. */
  readonly next?: string;
}

/** A list of orders that wait for a person: rejected and dead ones, or those of which nobody knows whether they were taken. */
export type OutboxList = "dead-letters" | "unknown";

/** What an order has ended with. */
export interface OrderOutcome {
  /** The same each time that this is told, and of nothing else: to recognise what was told before. */
  readonly id: string;
  readonly clientId: string;
  readonly clientOrderId: string;
  /** Its number in the outbox of its client. */
  readonly number: number;
  readonly outcome: Exclude<OutboxState, "pending" | "sending">;
  /** When it ended, in milliseconds since 1970. */
  readonly endedAt: number;
  /** Its id at Pitney Bowes, if it was accepted. */
  readonly orderId?: string;
  /** Its status there. */
  readonly status?: string;
  /** Why it was not accepted. */
  readonly code?: OutboxCode;
  /** What the API said, in its own words. */
  readonly errors?: readonly ApiError[];
  readonly transactionIds: readonly string[];
  readonly attempts: number;
}

/** What of a Cloudflare Queue is used. */
export interface OutcomeQueue {
  sendBatch(messages: Iterable<{ body: OrderOutcome; contentType: "json" }>): Promise<unknown>;
}

/** What an outbox takes, and how much it does side by side. Times are in milliseconds, at most 2,147,483,647. */
export interface OutboxLimits {
  /** The largest body in bytes. Default 8,388,608 (8 MiB). More is `too_large`. */
  readonly maxBodyBytes?: number;
  /** How many issues an answer lists. Default 1,000. */
  readonly maxIssues?: number;
  /** How many orders one request may have. Default 1,000. More are `too_many_orders`. */
  readonly maxOrders?: number;
  /** How many orders may wait in one outbox. Default 100,000. More are `outbox_full`. */
  readonly maxPending?: number;
  /** How many calls to the API each outbox has under way at a time, at most 6. Default 4. */
  readonly concurrency?: number;
  /**
   * How many calls one ring of the alarm makes at most; the alarm rings again at once. Default 12: each needs three subrequests or more,
   * and Cloudflare documents 50 in one invocation for the free plan.
   */
  readonly callsPerTurn?: number;
  /** How many outcomes one ring of the alarm tells of at most; the alarm rings again at once. Default 400. */
  readonly outcomesPerTurn?: number;
  /** How many calls may begin in a second, of all outboxes together; the vault keeps it. Default 100, the API's documented rate. */
  readonly callsPerSecond?: number;
  /** How long one call to the API may take. Default 30,000. */
  readonly upstreamTimeout?: number;
  /** How long getting a token may take. Default 15,000. */
  readonly tokenTimeout?: number;
  /** How long getting the right to make a call may take. Default 10,000. */
  readonly leaseTimeout?: number;
  /** How long `authorize` may take. Default 10,000. */
  readonly hookTimeout?: number;
  /** How long telling of up to 100 outcomes may take. Default 30,000. */
  readonly outcomeTimeout?: number;
}

/** What of an outbox can fail that is not the outbox. `"outbox"` is a fault of this package, or of the object's storage. */
export type OutboxPart = "credentials" | "vault" | "outbox" | "authorize" | "upstream" | "onOutcome" | "queue" | "log";

/** How an outbox is set up. Nothing in a request changes it. */
export interface OutboxOptions<Env> {
  /** The namespace that the exported class `Outbox` is bound to: `(env) => env.OUTBOX`. There is an object for each client. */
  readonly outbox: (env: Env) => VaultNamespace;
  /** The namespace that the class `TokenVault` is bound to: of this outbox or of the merchant's broker. It also leases calls. */
  readonly vault: (env: Env) => VaultNamespace;
  /** The merchant's key and secret, from the Worker's secrets: `(env) => ({ apiKey: env.PB_API_KEY, apiSecret: env.PB_API_SECRET })`. */
  readonly credentials: (env: Env) => Credentials | Promise<Credentials>;
  /**
   * The API: `"sandbox"`, `"production"`, a service binding (`(env) => env.PB_API`), or an origin of https; http only on the loopback
   * interface of this machine.
   */
  readonly upstream: "sandbox" | "production" | (string & {}) | ((env: Env) => Fetcher);
  /**
   * Who is asking over HTTP, and what it may do: `"orders:write"` to enqueue, `"orders:read"` to ask for an order's status,
   * `"dead-letters:write"` for the lists. Null, or no such function, refuses.
   */
  readonly authorize?: (request: Request, env: Env) => Principal | null | Promise<Principal | null>;
  /** What precedes the routes in a path, such as `/api`. Default nothing. */
  readonly basePath?: string;
  /** Rules with a severity of their own; the same as the page's. */
  readonly severity?: NonNullable<RuleOptions["severity"]>;
  /**
   * What to do with the orders of a call of which nobody knows what became: `"report"` (default) ends them as unknown, `"resend"` sends
   * them again. That is right only where an order that comes twice is harmless; the API's reference does not say so.
   */
  readonly onAmbiguous?: "report" | "resend";
  /** How long an order waits at most for others to travel with, in milliseconds. 200 that wait leave at once. Default 1,000. */
  readonly delay?: number;
  /** How long an order is tried until it is dead, in milliseconds. Default 86,400,000 (24 hours). */
  readonly giveUpAfter?: number;
  /** How long an order's data is kept once it has ended, in milliseconds. Ids and outcome stay. Default 604,800,000 (7 days). */
  readonly purgeAfter?: number;
  /**
   * How long ids and outcome are kept once an order has ended, in milliseconds. What is on a list stays until it is dismissed. Default
   * 7,776,000,000 (90 days).
   */
  readonly forgetAfter?: number;
  /** How many outboxes each client has. Default 1. It may change only while they are empty, their lists too. */
  readonly shards?: number;
  readonly limits?: OutboxLimits;
  /**
   * Hears what each order has ended with, in order and at least once: again, with the same `id`, if it throws or the Worker dies over
   * it.
   */
  readonly onOutcome?: (outcome: OrderOutcome, env: Env) => void | Promise<void>;
  /** A Cloudflare Queue that gets the same outcomes: `(env) => env.OUTCOMES`. */
  readonly queue?: (env: Env) => OutcomeQueue;
  /** Takes a record of each request over HTTP. Default: the console, as one line of JSON. */
  readonly log?: (record: LogRecord) => void;
  /** Hears what the functions above have thrown; none of it reaches a caller. Default: the console. */
  readonly onHookError?: (part: OutboxPart, error: unknown) => void;
}

/** What an object is asked for by the desk; by RPC, of this package alone. */
export interface OutboxObject {
  ask(errand: object): Promise<{ status: number; headers: [string, string][]; body: Uint8Array }>;
  /** Does what is due; the runtime calls it. */
  alarm(): Promise<void>;
}

/** Makes outboxes; the runtime does that. */
export type OutboxClass<Env> = new (state: VaultState, env: Env) => OutboxObject;

/**
 * An outbox: what a Worker enqueues orders with, what it answers requests with, and the classes that it exports. The methods are for the
 * merchant's own code, which may do all of it; they reject with a `FulfillmentError` of the code `"outbox_refused"` that has the
 * `problem`.
 */
export interface OrderOutbox<Env> {
  /**
   * Stores orders, all or none of each client; once it fulfils they outlive any crash. The same orders again get the same receipts.
   * Takes a list of orders, `{ orders }`, or either as JSON text or bytes.
   */
  enqueue(env: Env, orders: OrdersInput): Promise<readonly OutboxReceipt[]>;
  /** What is known of an order; `undefined` if it was never here or has been forgotten. */
  status(env: Env, clientId: string, clientOrderId: string): Promise<OutboxOrder | undefined>;
  /** A page of a list, oldest first. */
  list(env: Env, list: OutboxList, clientId: string, page?: { readonly cursor?: string; readonly limit?: number }): Promise<OutboxPage>;
  /** Sends an order of a list anew, as it was, or mended if `order` is given. */
  resend(env: Env, clientId: string, clientOrderId: string, order?: Order | string | Uint8Array): Promise<OutboxOrder>;
  /** Takes an order off its list. */
  dismiss(env: Env, clientId: string, clientOrderId: string): Promise<OutboxOrder>;
  /**
   * Answers, server to server, what is below `{basePath}/v1/outbox`, and all else by 404. It never rejects: whatever goes wrong is
   * problem details (RFC 9457).
   */
  fetch(request: Request, env: Env, context?: RequestContext): Promise<Response>;
  /** To be exported by the Worker, `export const { Outbox } = outbox;`, and bound as a SQLite-backed Durable Object. */
  readonly Outbox: OutboxClass<Env>;
  /** To be exported and bound in the same way, unless the vault is that of a broker. */
  readonly TokenVault: TokenVaultClass<Env>;
}
