/** The types of the broker. Those of Cloudflare's runtime are described by what is used of them, so that no package is needed. */
import type { Order, OrderErrorCode } from "./generated/model.js";
import type { ApiError, RuleOptions } from "./types.js";

/** The merchant's key and secret for the API. They differ between sandbox and production. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Who is asking, as the shop's own `authorize` has found. Fields of your own are kept for `approveOrders`. */
export interface Principal {
  /**
   * The caller's name in the shop: a session, a user, a service. It is not logged. With a ledger it is part of what a request is known by,
   * so one that outlasts a session (a user's id) finds again what an earlier session has sent.
   */
  readonly subject: string;
  /** Whose orders it may send: every order's `clientId` must be among these, or the request is answered by 403. */
  readonly clientIds: readonly string[];
  /** What it may do, by the names of `Scope`; others are of no effect. Sending orders takes `"orders:write"`. */
  readonly scopes: readonly string[];
}

/** An order that may not be sent. */
export interface Disapproval {
  /** Its index in the list, from 0. */
  readonly orderIndex: number;
  /** Why, for the person at the page. They see it word for word. */
  readonly reason?: string;
}

/** What sends requests: a service binding, an emulator, or anything else with a `fetch`. */
export interface Fetcher {
  fetch(request: Request): Response | Promise<Response>;
}

/** A namespace of Durable Objects; `DurableObjectNamespace` of Cloudflare's types is one. */
export interface VaultNamespace {
  idFromName(name: string): object;
  get(id: object): object;
}

/** What a Durable Object is given; `DurableObjectState` of Cloudflare's types is one. */
export interface VaultState {
  readonly id: { toString(): string };
  readonly storage: object;
}

/** What of `ExecutionContext` is used. */
export interface RequestContext {
  waitUntil(promise: Promise<unknown>): void;
}

/** What the vault says: a token, or why there is none. */
export type VaultAnswer =
  | {
      readonly token: string;
      /** When it runs out, in milliseconds since 1970. */
      readonly expiresAt: number;
    }
  /** The API does not accept the credentials. */
  | { readonly error: "refused"; readonly status: number; readonly errors: readonly ApiError[] }
  /** No answer, or none that can be used. `retryAfter` is how long the API asked to wait, in seconds. */
  | { readonly error: "unavailable"; readonly retryAfter?: number };

/** What a vault has leased. */
export interface CallLease {
  /** How many calls may begin. */
  readonly granted: number;
  /** Within how many milliseconds from before the lease was asked for. */
  readonly good: number;
  /** If none may: in how many milliseconds to ask again. */
  readonly wait: number;
}

/** The Durable Object that gets tokens and keeps them. */
export interface TokenVault {
  /**
   * A token that is valid for 30 seconds at least. For the Workers of the merchant alone, by RPC; no page can reach it. One call to
   * the API is under way at a time, however many ask.
   *
   * @param rejected a token that the API has just refused; it is not handed out again
   */
  getToken(rejected?: string): Promise<VaultAnswer>;
  /**
   * The right to begin that many calls of an operation, such as `/v1/orders/bulk`, soon. Whoever asks, never more begin within a second
   * than the rate.
   *
   * @param good how long the lease must be good for, in milliseconds, from before it was asked for. Default 250, at most 2,000; the longer,
   * the fewer there are.
   */
  leaseCalls(operation: string, wanted: number, good?: number): Promise<CallLease>;
}

/** An answer that was recorded. */
export interface Recorded {
  readonly status: number;
  readonly contentType: string;
  readonly transactionIds: readonly string[];
  readonly body: Uint8Array;
}

/** What the ledger says to a request that wants to be sent. Times are in milliseconds. */
export type Begun =
  | { readonly begun: "send"; readonly claim: number; readonly doubt: boolean }
  | ({ readonly begun: "replay"; readonly doubt: boolean } & Recorded)
  | { readonly begun: "running"; readonly leaseLeft: number }
  | { readonly begun: "in_doubt" }
  | { readonly begun: "other_bytes" };

/** What became of a request: the API answered, it provably did nothing, it failed but may be asked again, or nobody knows. */
export type Settlement = ({ readonly settled: "done" } & Recorded) | { readonly settled: "not_processed" | "repeatable" | "unknown" };

/** The Durable Object that remembers what became of the requests under one key of one caller. For the broker alone, by RPC. */
export interface Ledger {
  /**
   * Asks for the right to send a body with this SHA-256; with `resend` also when an earlier attempt is in doubt. `keep` is how long a new
   * entry is kept, in milliseconds; by default `limits.ledgerKeep`.
   */
  begin(digest: Uint8Array, resend: boolean, keep?: number): Promise<Begun>;
  /** Tells what became of it. */
  settle(claim: number, settlement: Settlement): Promise<void>;
  /** Removes an entry that has ended; the runtime calls it. */
  alarm(): Promise<void>;
}

/** Makes {@link Ledger}s; the runtime does that. */
export type LedgerClass<Env> = new (state: VaultState, env: Env) => Ledger;

/** Makes {@link TokenVault}s; the runtime does that. */
export type TokenVaultClass<Env> = new (state: VaultState, env: Env) => TokenVault;

/** What a request may cost. Times are in milliseconds, at most 2,147,483,647. */
export interface BrokerLimits {
  /** The largest body in bytes. Default 8,388,608 (8 MiB), far above 200 usual orders. */
  readonly maxBodyBytes?: number;
  /** How many issues an answer lists. Default 1,000. */
  readonly maxIssues?: number;
  /**
   * How long the whole request may take; each step has what the ones before it left. Default 28,000, so that the answer comes
   * before a client with its default of 30,000 gives up.
   */
  readonly requestTimeout?: number;
  /**
   * How long one call to the API may take. Default 25,000. A call is begun only if 5,000 are left of the request's time, or
   * this if it is less: one that was not begun provably created nothing, and is answered by `out_of_time`.
   * More than `requestTimeout` has no effect: raise both.
   */
  readonly upstreamTimeout?: number;
  /** How long getting a token may take. Default 15,000. */
  readonly tokenTimeout?: number;
  /** How long one of the hooks may take. Default 10,000. */
  readonly hookTimeout?: number;
  /** How long the ledger may take to let a request go. Default 5,000. */
  readonly ledgerTimeout?: number;
  /** How many calls the vault leases in a second to whoever asks for leases, such as an outbox. Default 100, the API's documented rate. */
  readonly callsPerSecond?: number;
  /** How long the ledger remembers a request, from its first attempt. Default 86,400,000 (24 hours). */
  readonly ledgerKeep?: number;
}

/** One request, when it has been answered: no header, no body, no query and no text of a caller. */
export interface LogRecord {
  /** The id that the answer carries too, in `X-Request-Id`. */
  readonly requestId: string;
  /** The method, `OTHER` if it is none of HTTP's usual ones. */
  readonly method: string;
  /** The route below `basePath`, empty if there is no such route. */
  readonly route: string;
  readonly status: number;
  /** What went wrong, if anything did. */
  readonly code?: OrderErrorCode;
  /** What failed in the broker itself: `authorize`, `approve_orders`, `body`, `ledger`, `count` (a limiter, which lets the request through), `broker`; empty if nothing did. */
  readonly failed: string;
  /** How many bytes the body had, as far as it was read. */
  readonly bodyBytes: number;
  /** How many orders it had, as far as they were counted. */
  readonly orders: number;
  /** How many of them were sent on. */
  readonly sent: number;
  /** Whether the answer is the recorded one of an earlier request; then the transaction ids are those of its calls. */
  readonly replayed: boolean;
  /** The ids of the calls to the API. */
  readonly transactionIds: readonly string[];
  /** The status of the API's last answer. */
  readonly upstreamStatus?: number;
  /** How long the calls to the API took, in milliseconds. */
  readonly upstreamMs: number;
  /** How long getting tokens took, in milliseconds. */
  readonly tokenMs: number;
  /** How long the whole request took, in milliseconds. */
  readonly durationMs: number;
}

/**
 * One request to send orders, when it has been answered, whatever the answer was: of somebody whom `authorize` has found and whose rate let
 * it through. Of all others there is the log alone. It names orders by their ids and holds nothing else of them.
 */
export interface AuditRecord {
  /** When it was answered, in milliseconds since 1970. */
  readonly at: number;
  /** The id that the answer and the log have, too. */
  readonly requestId: string;
  /** Who asked, by the principal's `subject`. */
  readonly subject: string;
  /** The route below `basePath`. */
  readonly route: string;
  readonly status: number;
  /** Why it was refused or failed, if it was. */
  readonly code?: OrderErrorCode;
  /** What is known of the orders at the API: it has answered, it provably did nothing, or nobody knows. */
  readonly outcome: "answered" | "not_processed" | "unknown";
  /** The orders, once they were found to be valid; before that an id may be anything. */
  readonly orders: readonly { readonly clientId: string; readonly clientOrderId: string }[];
  /** How many of them were sent on by this request. */
  readonly sent: number;
  /** Whether the answer is the recorded one of an earlier request. */
  readonly replayed: boolean;
  /** The ids of the calls to the API. */
  readonly transactionIds: readonly string[];
}

/** A count of requests that goes beyond one isolate; the binding of Cloudflare's Rate Limiting is one. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** So many requests in so long. They may come all at once; then they come back one by one, evenly. */
export interface RateLimit<Env> {
  /** How many, from 1 to 1,000,000. */
  readonly requests?: number;
  /** In how long, in milliseconds. Default 10,000. With a limiter, what a caller is told to wait: the limiter's own period. */
  readonly period?: number;
  /**
   * Asked too, for what the memory of an isolate lets through: `(env) => env.RATE_LIMITER`. Its keys are `address:…` and `subject:…`. If
   * it fails or takes more than a second, the request goes on.
   */
  readonly limiter?: (env: Env) => RateLimiter;
}

/** What of a broker can fail that is not the broker. `"broker"` is a fault of this package. */
export type FailedPart =
  "credentials" | "vault" | "ledger" | "authorize" | "approveOrders" | "rateLimits" | "upstream" | "log" | "audit" | "broker";

/** How a broker is set up. Nothing in a request changes it. */
export interface BrokerOptions<Env> {
  /**
   * The merchant's key and secret, from the Worker's secrets: `(env) => ({ apiKey: env.PB_API_KEY, apiSecret: env.PB_API_SECRET })`. They are
   * asked for at each request, and those that have changed are used from the next token call on.
   */
  readonly credentials: (env: Env) => Credentials | Promise<Credentials>;
  /**
   * The namespace that the exported class `TokenVault` is bound to: `(env) => env.TOKEN_VAULT`. There is one object for each key.
   *
   * Without it there is no vault: every isolate gets tokens of its own and keeps them in its memory alone, and requests that come at
   * once before there is one each get one. That will do for development, tests and a single process.
   */
  readonly vault?: (env: Env) => VaultNamespace;
  /**
   * The namespace that the exported class `Ledger` is bound to: `(env) => env.LEDGER`. There is one object for each idempotency key of
   * each caller, by the principal's `subject`.
   *
   * With it, the same request under the same key is sent once: the same again is answered by the recorded reply (with
   * `Idempotency-Replayed: true`), one that is still running by 409 `in_progress`, one of which nobody knows what became by 409
   * `in_doubt`, and other bytes under the key by 422 `key_reused`. What the API provably did not process frees the key. If the ledger
   * cannot be asked, nothing is sent (503 `ledger_unavailable`). Without it, nothing is remembered.
   */
  readonly ledger?: (env: Env) => VaultNamespace;
  /**
   * Who is asking, by the shop's own session or signature; `null` if nobody knows, which is answered by 401. It sees a copy of the
   * request without the body. If it throws or takes too long, the request is answered by 500 and nothing is sent.
   */
  readonly authorize: (request: Request, env: Env) => Principal | null | Promise<Principal | null>;
  /**
   * Which of the orders may not be sent; an empty list if all may. A page may claim anything, so this is where the shop looks whether
   * the checkout is paid and these are its items. If it throws or takes too long, nothing is sent.
   *
   * `null` approves all. That is taken only from a broker that no page can use: with `allowedOrigins: []` and
   * `allowMissingOrigin: true`.
   */
  readonly approveOrders:
    ((principal: Principal, orders: readonly Order[], env: Env) => readonly Disapproval[] | Promise<readonly Disapproval[]>) | null;
  /** The origins of the pages that may use the broker, such as `https://shop.example`; neither `*` nor `null`. */
  readonly allowedOrigins: readonly string[];
  /** Whether programs, which send no `Origin`, may use the broker; `authorize` still has to know them. Default `false`. */
  readonly allowMissingOrigin?: boolean;
  /** Whether pages of other origins may send cookies. Default `false`; pages of the broker's own origin always send them. */
  readonly allowCredentials?: boolean;
  /** Header fields that pages of other origins may send besides those of this package and `Authorization`. Default none. */
  readonly allowedHeaders?: readonly string[];
  /** What precedes the broker's routes in a path, such as `/api`. Default nothing. */
  readonly basePath?: string;
  /**
   * The API: `"sandbox"`, `"production"`, a service binding (`(env) => env.PB_API`), or an origin of https; http only on the loopback
   * interface of this machine.
   */
  readonly upstream: "sandbox" | "production" | (string & {}) | ((env: Env) => Fetcher);
  readonly limits?: BrokerLimits;
  /**
   * How often a caller may ask, before it is answered by 429 with `Retry-After`; `null` for as often as it likes. Counted in the memory of
   * each isolate, which costs nothing and is a floor: a caller who reaches several isolates has a count in each. A `limiter` counts
   * beyond them.
   */
  readonly rateLimits?: {
    /**
     * From one address, or one /64 of IPv6, before `authorize` is asked. Default 200 in 10 seconds. By `CF-Connecting-IP`, which
     * Cloudflare sets; elsewhere a caller may send any, or none, and is then not counted.
     */
    readonly address?: RateLimit<Env> | null;
    /** By one `subject`. Default 100 in 10 seconds. */
    readonly subject?: RateLimit<Env> | null;
  };
  /** Rules with a severity of their own; the same as the page's. */
  readonly severity?: NonNullable<RuleOptions["severity"]>;
  /** Takes a record of each request. Default: the console, as one line of JSON. */
  readonly log?: (record: LogRecord) => void;
  /**
   * Keeps a record of who has had what sent. It is called when the answer is made, and delays it no longer; with the context the Worker
   * lives until it is done. What it throws is told to `onHookError` and changes no answer. Default none.
   */
  readonly audit?: (record: AuditRecord, env: Env) => void | Promise<void>;
  /** Hears what the functions above have thrown; none of it reaches a caller. Default: the console. */
  readonly onHookError?: (part: FailedPart, error: unknown) => void;
}

/** A broker: what a Worker answers requests with, and the classes that it exports. */
export interface Broker<Env> {
  /**
   * Answers `POST {basePath}/v1/orders/bulk` and `GET {basePath}/health`, and all else by 404. It never rejects: whatever goes wrong is
   * problem details (RFC 9457). With the context, a request whose caller has gone is still seen to its end, up to the runtime's limit of
   * 30 seconds.
   */
  fetch(request: Request, env: Env, context?: RequestContext): Promise<Response>;
  /** To be exported by the Worker, `export const { TokenVault } = broker;`, and bound as a SQLite-backed Durable Object. */
  readonly TokenVault: TokenVaultClass<Env>;
  /** To be exported and bound in the same way, for the option `ledger`. */
  readonly Ledger: LedgerClass<Env>;
}
