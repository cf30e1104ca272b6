// The broker.
import type { ApiError, Order, OrderErrorCode, RuleOptions } from "pb-fulfillment";
import * as broker from "pb-fulfillment/broker";

interface Env {
  readonly KEY: string;
  readonly VAULT: broker.VaultNamespace;
}
declare const answer: broker.Recorded;
declare const principal: broker.Principal;
declare const state: broker.VaultState;

const required: broker.BrokerOptions<Env> = {
  upstream: "sandbox",
  credentials: (env) => ({ apiKey: env.KEY, apiSecret: "secret" }),
  allowedOrigins: ["https://shop.example"],
  authorize: () => principal,
  approveOrders: null,
};
takes<broker.BrokerOptions<Env>>(required, {
  upstream: (env) => ({ fetch: () => new Response(env.KEY) }),
  credentials: async () => ({ apiKey: "key", apiSecret: "secret" }),
  vault: (env) => env.VAULT,
  ledger: (env) => env.VAULT,
  authorize: async (request) => (request.headers.has("cookie") ? principal : null),
  approveOrders: async (_principal, orders) => orders.map((_order, orderIndex) => ({ orderIndex, reason: "is not paid" })),
  allowedOrigins: [],
  allowMissingOrigin: true,
  allowCredentials: true,
  allowedHeaders: ["authorization"],
  basePath: "/api",
  limits: { requestTimeout: 1 },
  severity: { postal_code: "error" },
  log: ({ requestId }) => console.log(requestId),
  audit: async ({ subject = "nobody" }) => console.log(subject),
  rateLimits: { address: { requests: 200, period: 10_000 }, subject: null },
  onHookError: (part, error) => console.error(part, error),
});
// @ts-expect-error Nobody is let in by default.
takes<broker.BrokerOptions<Env>>({ upstream: "sandbox", credentials: required.credentials, allowedOrigins: [], approveOrders: null });
// @ts-expect-error Its environment has no such binding.
takes<broker.BrokerOptions<Env>>({ ...required, vault: (env) => env.TOKEN_VAULT });
// @ts-expect-error There is no such option.
takes<broker.BrokerOptions<Env>>({ ...required, origins: [] });
takes<broker.BrokerLimits>({
  maxBodyBytes: 1,
  maxIssues: 1,
  requestTimeout: 1,
  upstreamTimeout: 1,
  tokenTimeout: 1,
  hookTimeout: 1,
  ledgerTimeout: 1,
  ledgerKeep: 1,
});
takes<broker.Credentials>({ apiKey: "key", apiSecret: "secret" });
// @ts-expect-error A key alone opens nothing.
takes<broker.Credentials>({ apiKey: "key" });
takes<broker.Principal>({ subject: "me", clientIds: ["100"], scopes: ["orders:write"] });
// @ts-expect-error Whose orders may it send?
takes<broker.Principal>({ subject: "me", scopes: [] });
takes<broker.Disapproval>({ orderIndex: 0 }, { orderIndex: 0, reason: "is not paid" });
takes<broker.Fetcher>({ fetch: () => new Response() }, { fetch: async (request) => new Response(request.body) });
takes<broker.VaultNamespace>({ idFromName: (name) => ({ name }), get: (id) => id });
takes<broker.VaultState>({ id: { toString: () => "1" }, storage: {} });
takes<broker.RequestContext>({ waitUntil: (promise) => void promise });
takes<broker.VaultAnswer>(
  { token: "1", expiresAt: 0 },
  { error: "refused", status: 401, errors: [] },
  { error: "unavailable", retryAfter: 1 },
);
// @ts-expect-error When does it run out?
takes<broker.VaultAnswer>({ token: "1" });
same<broker.TokenVault["getToken"], (rejected?: string) => Promise<broker.VaultAnswer>>();
same<broker.TokenVault["leaseCalls"], (operation: string, wanted: number, good?: number) => Promise<broker.CallLease>>();
takes<broker.CallLease>({ granted: 1, good: 250, wait: 0 });
same<broker.Recorded["body"], Uint8Array>();
takes<broker.Begun>(
  { begun: "send", claim: 1, doubt: false },
  { begun: "replay", ...answer, doubt: true },
  { begun: "running", leaseLeft: 1 },
  { begun: "in_doubt" },
  { begun: "other_bytes" },
);
takes<broker.Settlement>({ settled: "done", ...answer }, { settled: "not_processed" }, { settled: "repeatable" }, { settled: "unknown" });
same<broker.Ledger["begin"], (digest: Uint8Array, resend: boolean, keep?: number) => Promise<broker.Begun>>();
same<broker.Ledger["settle"], (claim: number, settlement: broker.Settlement) => Promise<void>>();
same<broker.FailedPart, Parameters<NonNullable<broker.BrokerOptions<Env>["onHookError"]>>[0]>();
takes<broker.FailedPart>("credentials", "vault", "ledger", "authorize", "approveOrders", "upstream", "log", "broker");
// @ts-expect-error The emulator is no part of it.
takes<broker.FailedPart>("emulator");
takes<Required<broker.LogRecord>>({
  requestId: "1",
  method: "POST",
  route: "orders",
  status: 200,
  code: "invalid",
  failed: "",
  bodyBytes: 1,
  orders: 1,
  sent: 1,
  replayed: false,
  transactionIds: ["1"],
  upstreamStatus: 200,
  upstreamMs: 1,
  tokenMs: 1,
  durationMs: 1,
});
same<broker.LogRecord["code"], OrderErrorCode | undefined>();

same<ReturnType<typeof broker.createBroker<Env>>, broker.Broker<Env>>();
same<ReturnType<typeof broker.createBroker>, broker.Broker<unknown>>();
same<broker.Broker<Env>["fetch"], (request: Request, env: Env, context?: broker.RequestContext) => Promise<Response>>();
same<broker.Broker<Env>["TokenVault"], broker.TokenVaultClass<Env>>();
same<broker.Broker<Env>["Ledger"], broker.LedgerClass<Env>>();
same<broker.TokenVaultClass<Env>, new (state: broker.VaultState, env: Env) => broker.TokenVault>();
same<broker.LedgerClass<Env>, new (state: broker.VaultState, env: Env) => broker.Ledger>();
// @ts-expect-error Options are wanted.
broker.createBroker();

// What a Worker exports: the handler, and classes to make objects of.
const shop = broker.createBroker(required);
export default shop;
export class Vault extends shop.TokenVault {
  constructor(env: Env) {
    super(state, env);
  }
}

same<NonNullable<broker.BrokerOptions<Env>["severity"]>, NonNullable<RuleOptions["severity"]>>();
same<Extract<broker.VaultAnswer, { error: "refused" }>["errors"], readonly ApiError[]>();
same<Parameters<NonNullable<broker.BrokerOptions<Env>["approveOrders"]>>[1], readonly Order[]>();

takes<broker.AuditRecord>({
  at: 1,
  requestId: "1",
  subject: "me",
  route: "/v1/orders/bulk",
  status: 200,
  code: "not_approved",
  outcome: "answered",
  orders: [{ clientId: "100", clientOrderId: "A-1" }],
  sent: 1,
  replayed: false,
  transactionIds: ["1"],
});
takes<broker.RateLimiter>({ limit: async ({ key }) => ({ success: key === "" }) });
takes<broker.RateLimit<Env>>({}, { limiter: () => ({ limit: async () => ({ success: true }) }) });
// @ts-expect-error A namespace counts nothing.
takes<broker.RateLimit<Env>>({ limiter: (env) => env.VAULT });

takes<broker.SigningSecret>({ id: "2026", secret: "" });
// @ts-expect-error Which of the secrets is it?
takes<broker.SigningSecret>({ secret: "" });
const secrets = [{ id: "2026", secret: "" }];
takes<broker.Scope>("orders:write", "orders:read", "dead-letters:write");
// @ts-expect-error There is no such scope.
takes<broker.Scope>("orders");
takes<broker.SessionRefusal>("missing", "expired", "origin");
takes<broker.SessionOptions<Env>>(
  { secrets: () => secrets },
  {
    secrets: async () => secrets,
    audience: "shop",
    ttl: 1,
    clockSkew: 0,
    cookie: "__Host-pbf",
    onRefused: (reason) => console.log(reason),
  },
);
// @ts-expect-error By what are they signed?
takes<broker.SessionOptions<Env>>({ ttl: 1 });
takes<broker.NewSession>({ subject: "me", clientIds: ["100"], scopes: ["orders:write"], origin: "https://shop.example" });
// @ts-expect-error Of which origin is its page?
takes<broker.NewSession>({ subject: "me", clientIds: ["100"], scopes: ["orders:write"] });
same<broker.IssuedSession, { readonly token: string; readonly expiresAt: number }>();
same<typeof broker.createSessions, <E = unknown>(options: broker.SessionOptions<E>) => broker.Sessions<E>>();
same<broker.Sessions<Env>["issue"], (session: broker.NewSession, env: Env) => Promise<broker.IssuedSession>>();

takes<broker.SignerOptions>({ id: "erp", secret: "", subject: "erp", clientIds: ["100"], scopes: ["orders:write"] });
takes<broker.SignatureRefusal>("missing", "replayed", "digest");
takes<broker.NonceStore>({ use: (text) => text !== "" }, { use: async () => true });
takes<broker.SignedRequestOptions<Env>>(
  { signers: () => [], nonces: (env) => env.VAULT },
  { signers: async () => [], nonces: () => ({ use: () => true }) },
);
// @ts-expect-error Where are nonces remembered?
takes<broker.SignedRequestOptions<Env>>({ signers: () => [] });
same<typeof broker.createSignedRequests, <E = unknown>(options: broker.SignedRequestOptions<E>) => broker.SignedRequests<E>>();
same<broker.SignedRequests<Env>["authorize"], broker.Sessions<Env>["authorize"]>();
