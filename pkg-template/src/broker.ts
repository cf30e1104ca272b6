/** The broker: lets a shop's pages send orders, and keeps the shop's credentials to itself. */
import type { AuditRecord, Broker, BrokerOptions, LogRecord, Principal, RequestContext } from "./broker-types.js";
import { askedOf, checkRequest, chunksOf, nextNumber, responseOf, targetOf, type PlainAnswer } from "./exchange.js";
import { Hooks } from "./hooks.js";
import { ledgerClass, ledgerOf } from "./ledger.js";
import { aFunction, checkOptions, milliseconds, nameOf, rules, whole } from "./options.js";
import { plainRules } from "./reports.js";
import { server } from "./server.js";
import { originOf, tokenFor, vaultClass } from "./vault.js";

export { FulfillmentError, isFulfillmentError, type FulfillmentErrorCode, type FulfillmentErrorDetails } from "./errors.js";
export { createSessions } from "./sessions.js";
export { createSignedRequests } from "./signed-requests.js";
export type * from "./broker-types.js";
export type * from "./caller-types.js";
export type * from "./generated/model.js";
export type { ApiError, ProblemDetails, Severity } from "./types.js";

const texts = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every((text) => typeof text === "string") ? undefined : `must be a list of texts, not ${nameOf(value)}.`;

const yesOrNo = (value: unknown): string | undefined =>
  typeof value === "boolean" ? undefined : `must be true or false, not ${nameOf(value)}.`;

const LIMITS = {
  maxBodyBytes: whole(1, 2 ** 31 - 1),
  maxIssues: whole(1),
  requestTimeout: milliseconds(1),
  upstreamTimeout: milliseconds(1),
  tokenTimeout: milliseconds(1),
  hookTimeout: milliseconds(1),
  ledgerTimeout: milliseconds(1),
  ledgerKeep: milliseconds(1),
  callsPerSecond: whole(1, 1_000_000),
};

const RATE = { requests: whole(1, 1_000_000), period: milliseconds(1), limiter: aFunction };

const rate = (name: string) => (value: unknown) =>
  value === null ? undefined : void checkOptions(`createBroker: rateLimits.${name}`, value, RATE);

const OPTIONS = {
  credentials: aFunction,
  vault: aFunction,
  ledger: aFunction,
  authorize: aFunction,
  approveOrders: (value: unknown) => (value === null ? undefined : aFunction(value)),
  allowedOrigins: texts,
  allowMissingOrigin: yesOrNo,
  allowCredentials: yesOrNo,
  allowedHeaders: texts,
  basePath: (value: unknown) => (typeof value === "string" ? undefined : `must be a text such as "/api", not ${nameOf(value)}.`),
  upstream: (value: unknown) =>
    typeof value === "string" || typeof value === "function"
      ? undefined
      : `must be "sandbox", "production", an origin or a function that gives a service binding, not ${nameOf(value)}.`,
  limits: (value: unknown) => void checkOptions("createBroker: limits", value, LIMITS),
  rateLimits: (value: unknown) =>
    void checkOptions("createBroker: rateLimits", value, { address: rate("address"), subject: rate("subject") }),
  severity: rules.severity,
  log: aFunction,
  audit: aFunction,
  onHookError: aFunction,
};

/** What has no default, and what to do about it. */
const REQUIRED = {
  credentials: "Give (env) => ({ apiKey, apiSecret }), from the Worker's secrets.",
  authorize: "Give a function that tells who is asking by the shop's own session, and null if nobody knows.",
  approveOrders: "Give a function that names the orders which may not be sent, such as those that are not paid.",
  allowedOrigins: 'Give the origins of the shop\'s pages, such as ["https://shop.example"].',
  upstream: 'Give "sandbox" or "production".',
};

/**
 * Makes a broker. It reads no bindings yet, so it can be called where a Worker starts.
 *
 * Throws a TypeError that names the option and the remedy, if an option is misspelt, missing or wrong. In a browser, where the program
 * must be loaded first, some of these come with the first request.
 */
export function createBroker<Env = unknown>(options: BrokerOptions<Env>): Broker<Env> {
  check(options);
  const own: BrokerOptions<Env> = { ...options };
  const hooks = new Hooks(own);
  const plain = {
    broker: nextNumber(),
    options: { ...own, ...plainRules(own), upstream: originOf(own) },
  };
  const counts = Object.values(own.rateLimits ?? {}).some((rate) => rate?.limiter);
  const log = (record: LogRecord): void => {
    try {
      if (own.log) own.log(record);
      else console.log(JSON.stringify(record));
    } catch (error) {
      hooks.report("log", error);
    }
  };
  const loaded = server();
  if (!(loaded instanceof Promise)) loaded.call("checkBroker", plain);
  // What failed is told to the first request, which loads anew.
  else loaded.catch(() => undefined);

  async function answer(request: Request, env: Env, context: RequestContext | undefined): Promise<Response> {
    checkRequest("The broker's fetch", request);
    const engine = await server();
    const body = chunksOf(request);
    const send = hooks.upstream(env);
    let principal: Principal | null = null;
    let sent = false;
    const audit = (record: AuditRecord): void => {
      const kept = hooks.audit(record, env);
      context?.waitUntil(kept);
    };
    const asked = { ...plain, ...askedOf(request), path: targetOf(request), log, ...(own.audit && { audit }) };
    const ledger = ledgerOf(own, hooks, env);
    const call = {
      ...asked,
      ...ledger.calls,
      chunk: body.next,
      fetch: (request: Request) => ((sent = true), send(request)),
      getToken: (rejected?: string) => tokenFor(own, hooks, env, rejected),
      authorize: async () => (principal = await hooks.authorize(request, env)),
      ...(counts && { count: (by: "address" | "subject", key: string) => hooks.count(by, key, env) }),
      approveOrders: (orders: string[]) => hooks.approveOrders(principal as Principal, orders, env),
    };
    try {
      const fallen = (error: unknown): PlainAnswer => {
        hooks.report("broker", error);
        return engine.call("answerAsBroken", { ...asked, sent, ...(principal && { subject: principal.subject }) });
      };
      return responseOf(await engine.run<PlainAnswer>("answerAsBroker", call, fallen));
    } finally {
      body.end();
      if (!sent) {
        const released = ledger.release();
        context?.waitUntil(released);
      }
    }
  }

  return {
    fetch(request: Request, env: Env, context?: RequestContext): Promise<Response> {
      const answered = answer(request, env, context);
      // Without this, the runtime would end a request whose caller has gone in the middle of a call to the API.
      context?.waitUntil(answered.catch(() => undefined));
      return answered;
    },
    TokenVault: vaultClass(own, hooks),
    Ledger: ledgerClass(own),
  };
}

function check<Env>(options: BrokerOptions<Env>): void {
  for (const [name, remedy] of Object.entries(REQUIRED)) {
    if ((options as unknown as { [name: string]: unknown } | undefined)?.[name] === undefined) {
      throw new TypeError(`createBroker: ${name} is missing. ${remedy}`);
    }
  }
  checkOptions("createBroker", options, OPTIONS);
  const pages = options.allowedOrigins.length > 0;
  if (!pages && !options.allowMissingOrigin) {
    throw new TypeError(
      "createBroker: allowedOrigins is empty, so nobody could use the broker. Name the origins of the shop's pages, or set allowMissingOrigin: true for programs.",
    );
  }
  if (options.approveOrders === null && pages) {
    throw new TypeError(
      "createBroker: approveOrders may be null only where no page can use the broker, with allowedOrigins: []. A page may claim any order; give a function that looks whether it is paid.",
    );
  }
}
