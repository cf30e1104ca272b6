/** The outbox: takes orders, stores them, and sends them until each has ended. */
import type { BrokerOptions, LogRecord, RequestContext } from "./broker-types.js";
import { hex, sha256 } from "./digest.js";
import { FulfillmentError } from "./errors.js";
import { askedOf, checkRequest, chunksOf, responseOf, type PlainAnswer } from "./exchange.js";
import { Hooks } from "./hooks.js";
import { encode, stringify, toBytes } from "./input.js";
import { aFunction, checkOptions, milliseconds, nameOf, oneOf, rules, whole } from "./options.js";
import { outboxClass } from "./outbox-object.js";
import type { OrderOutbox, OutboxObject, OutboxOptions, OutboxOrder, OutboxPage, OutboxReceipt } from "./outbox-types.js";
import { plainRules } from "./reports.js";
import { server } from "./server.js";
import type { OrdersInput, ProblemDetails } from "./types.js";
import { originOf, vaultClass } from "./vault.js";

export { FulfillmentError, isFulfillmentError, type FulfillmentErrorCode, type FulfillmentErrorDetails } from "./errors.js";
export type {
  Credentials,
  Fetcher,
  LogRecord,
  Principal,
  RequestContext,
  TokenVault,
  TokenVaultClass,
  VaultAnswer,
  VaultNamespace,
  VaultState,
} from "./broker-types.js";
export type * from "./outbox-types.js";
export type * from "./generated/model.js";
export type { ApiError, OrdersInput, ProblemDetails, Severity } from "./types.js";

const LIMITS = {
  maxBodyBytes: whole(1, 2 ** 31 - 1),
  maxIssues: whole(1),
  maxOrders: whole(1, 10_000),
  maxPending: whole(1),
  // Workers open six connections at a time; a call that waits for one would begin later than its lease allows.
  concurrency: whole(1, 6),
  callsPerTurn: whole(1, 1000),
  outcomesPerTurn: whole(1, 10_000),
  callsPerSecond: whole(1, 1_000_000),
  upstreamTimeout: milliseconds(1),
  tokenTimeout: milliseconds(1),
  leaseTimeout: milliseconds(1),
  hookTimeout: milliseconds(1),
  outcomeTimeout: milliseconds(1),
};

/** A year of milliseconds and more: alarms wait longer than timers. */
const long = whole(0, 10 ** 12);

const OPTIONS = {
  outbox: aFunction,
  vault: aFunction,
  credentials: aFunction,
  upstream: (value: unknown) =>
    typeof value === "string" || typeof value === "function"
      ? undefined
      : `must be "sandbox", "production", an origin or a function that gives a service binding, not ${nameOf(value)}.`,
  authorize: aFunction,
  basePath: (value: unknown) =>
    typeof value === "string" && /^(\/[^?#]*[^/?#])?$/.test(value) ? undefined : `must be a text such as "/api", not ${nameOf(value)}.`,
  severity: rules.severity,
  onAmbiguous: oneOf("report", "resend"),
  delay: milliseconds(0),
  giveUpAfter: long,
  purgeAfter: long,
  forgetAfter: long,
  shards: whole(1, 1000),
  limits: (value: unknown) => void checkOptions("createOutbox: limits", value, LIMITS),
  onOutcome: aFunction,
  queue: aFunction,
  log: aFunction,
  onHookError: aFunction,
};

/** What has no default, and what to do about it. */
const REQUIRED = {
  outbox: "Give (env) => env.OUTBOX, the namespace that the exported class Outbox is bound to.",
  vault: "Give (env) => env.TOKEN_VAULT, the namespace that the exported class TokenVault is bound to.",
  credentials: "Give (env) => ({ apiKey, apiSecret }), from the Worker's secrets.",
  upstream: 'Give "sandbox" or "production".',
};

/**
 * Makes an outbox. It reads no bindings yet, so it can be called where a Worker starts.
 *
 * Throws a TypeError that names the option and the remedy, if an option is misspelt, missing or wrong.
 */
export function createOutbox<Env = unknown>(options: OutboxOptions<Env>): OrderOutbox<Env> {
  for (const [name, remedy] of Object.entries(REQUIRED)) {
    if ((options as unknown as { [name: string]: unknown } | undefined)?.[name] === undefined) {
      throw new TypeError(`createOutbox: ${name} is missing. ${remedy}`);
    }
  }
  checkOptions("createOutbox", options, OPTIONS);
  const own: OutboxOptions<Env> = { ...options };
  // What outbox and broker have in common is done by the broker's parts.
  const broker = {
    credentials: own.credentials,
    vault: own.vault,
    upstream: own.upstream,
    authorize: own.authorize ?? (() => null),
    approveOrders: null,
    allowedOrigins: [],
    limits: { callsPerSecond: own.limits?.callsPerSecond },
    onHookError: own.onHookError,
  } as unknown as BrokerOptions<Env>;
  const hooks = new Hooks(broker);
  const plain = { ...own, ...plainRules(own), upstream: originOf(own) };
  const log = (record: LogRecord): void => {
    try {
      if (own.log) own.log(record);
      else console.log(JSON.stringify(record));
    } catch (error) {
      hooks.report("log", error);
    }
  };
  const loaded = server();
  if (!(loaded instanceof Promise)) loaded.call("checkOutbox", { options: plain });
  // What failed is told to the first request, which loads anew.
  else loaded.catch(() => undefined);

  const ask = (env: Env) => async (clientId: string, shard: number, errand: object) => {
    const namespace = own.outbox(env);
    if (typeof namespace?.idFromName !== "function") {
      throw new TypeError(
        "createOutbox: outbox gave no namespace of Durable Objects. Export the outbox's Outbox from the Worker, bind it under durable_objects in wrangler's configuration with new_sqlite_classes, and return the binding, such as env.OUTBOX.",
      );
    }
    // A digest, since the name shows in dashboards; and what the sandbox has done is not done in production.
    const name = JSON.stringify([originOf(own) ?? "binding", clientId, shard]);
    const id = hex(await sha256(name));
    return (namespace.get(namespace.idFromName(id)) as OutboxObject).ask(errand);
  };
  const guarded = (env: Env) => (clientId: string, shard: number, errand: object) =>
    hooks.guard("outbox", () => ask(env)(clientId, shard, errand));

  async function answer(request: Request, env: Env): Promise<Response> {
    checkRequest("The outbox's fetch", request);
    const body = chunksOf(request);
    const call = {
      ...askedOf(request),
      query: [...new URL(request.url).searchParams],
      options: plain,
      chunk: body.next,
      authorize: () => hooks.authorize(request, env),
      ask: guarded(env),
      log,
    };
    try {
      return responseOf(await (await server()).run<PlainAnswer>("answerAsDesk", call));
    } catch (error) {
      hooks.report("outbox", error);
      const problem = {
        type: "urn:pb-fulfillment:outbox_unavailable",
        title: "Service Unavailable",
        status: 503,
        code: "outbox_unavailable",
        detail: "The outbox could not store or read. Send the same again: what it has stored already is not stored twice.",
        processed: "no",
        retryable: true,
      };
      return Response.json(problem, { status: 503, headers: { "content-type": "application/problem+json", "retry-after": "1" } });
    } finally {
      body.end();
    }
  }

  /** Does an errand of the merchant's own code. */
  async function run<T>(env: Env, errand: object): Promise<T> {
    const call = { options: plain, errand, ask: guarded(env) };
    const { status, body } = await (await server()).run<PlainAnswer>("doErrand", call);
    const value = JSON.parse(new TextDecoder().decode(body)) as T;
    if (status < 300) return value;
    const problem = value as ProblemDetails;
    throw new FulfillmentError("outbox_refused", `The outbox refused: ${problem.detail}`, { status, problem });
  }

  return {
    async enqueue(env, orders) {
      const { orders: receipts } = await run<{ orders: OutboxReceipt[] }>(env, { errand: "enqueue", body: envelope(orders) });
      return receipts;
    },
    async status(env, clientId, clientOrderId) {
      try {
        return await run<OutboxOrder>(env, { errand: "status", clientId, clientOrderId });
      } catch (error) {
        if (error instanceof FulfillmentError && error.problem?.code === "no_such_order") return undefined;
        throw error;
      }
    },
    list: (env, list, clientId, page = {}) => run<OutboxPage>(env, { errand: "list", list, clientId, ...page }),
    resend: (env, clientId, clientOrderId, order) =>
      run<OutboxOrder>(env, {
        errand: "resend",
        clientId,
        clientOrderId,
        ...(order !== undefined && { order: toBytes(order, "order") }),
      }),
    dismiss: (env, clientId, clientOrderId) => run<OutboxOrder>(env, { errand: "dismiss", clientId, clientOrderId }),
    fetch(request: Request, env: Env, context?: RequestContext): Promise<Response> {
      const answered = answer(request, env);
      context?.waitUntil(answered.catch(() => undefined));
      return answered;
    },
    Outbox: outboxClass(own, broker, hooks, plain),
    TokenVault: vaultClass(broker, hooks),
  };
}

/** The bytes of a request with these orders. Text and bytes stay as they are, but for the object around a list. */
function envelope(orders: OrdersInput): Uint8Array {
  if (Array.isArray(orders)) return encode(`{"orders":${stringify(orders, "orders")}}`);
  const bytes = toBytes(orders, "orders");
  const first = bytes.find((byte) => byte > 0x20);
  if (first !== 0x5b) return bytes;
  const [before, after] = [encode('{"orders":'), encode("}")];
  const whole = new Uint8Array(before.length + bytes.length + after.length);
  whole.set(before);
  whole.set(bytes, before.length);
  whole.set(after, before.length + bytes.length);
  return whole;
}
