// The outbox.
import type { Order, OrdersInput } from "pb-fulfillment";
import type * as broker from "pb-fulfillment/broker";
import * as outbox from "pb-fulfillment/outbox";

interface Env {
  readonly KEY: string;
  readonly OUTBOX: outbox.VaultNamespace;
}
declare const orders: outbox.OrderOutbox<Env>;
declare const env: Env;
declare const order: Order;
declare const state: outbox.VaultState;

const required: outbox.OutboxOptions<Env> = {
  upstream: "sandbox",
  outbox: (env) => env.OUTBOX,
  vault: (env) => env.OUTBOX,
  credentials: (env) => ({ apiKey: env.KEY, apiSecret: "secret" }),
};
takes<outbox.OutboxOptions<Env>>(required, {
  ...required,
  upstream: () => ({ fetch: () => new Response() }),
  authorize: async (request) => (request.headers.has("cookie") ? { subject: "me", clientIds: [], scopes: ["orders:read"] } : null),
  basePath: "/api",
  severity: { postal_code: "error" },
  onAmbiguous: "resend",
  delay: 0,
  giveUpAfter: 1,
  purgeAfter: 1,
  forgetAfter: 1,
  shards: 2,
  limits: { maxPending: 1 },
  onOutcome: async ({ id }) => console.log(id),
  queue: () => ({ sendBatch: async (messages) => [...messages].length }),
  log: ({ requestId }) => console.log(requestId),
  onHookError: (part, error) => console.error(part, error),
});
// @ts-expect-error Where are the objects?
takes<outbox.OutboxOptions<Env>>({ upstream: "sandbox", vault: required.vault, credentials: required.credentials });
// @ts-expect-error There is no such way.
takes<outbox.OutboxOptions<Env>>({ ...required, onAmbiguous: "retry" });
takes<outbox.OutboxLimits>({
  maxBodyBytes: 1,
  maxIssues: 1,
  maxOrders: 1,
  maxPending: 1,
  concurrency: 1,
  callsPerTurn: 1,
  outcomesPerTurn: 1,
  callsPerSecond: 1,
  upstreamTimeout: 1,
  tokenTimeout: 1,
  leaseTimeout: 1,
  hookTimeout: 1,
  outcomeTimeout: 1,
});
takes<outbox.OutboxPart>("credentials", "vault", "outbox", "authorize", "upstream", "onOutcome", "queue", "log");
same<typeof outbox.createOutbox, <E = unknown>(options: outbox.OutboxOptions<E>) => outbox.OrderOutbox<E>>();

same<outbox.OutboxState, "pending" | "sending" | "accepted" | "rejected" | "dead" | "unknown">();
takes<outbox.OutboxCode>("rejected", "given_up", "upstream_refused");
same<outbox.OutboxList, "dead-letters" | "unknown">();
const receipt: outbox.OutboxReceipt = { clientId: "100", clientOrderId: "A-1", number: 1, state: "pending", storedAt: 1, repeated: false };
const kept: outbox.OutboxOrder = {
  clientId: "100",
  clientOrderId: "A-1",
  number: 1,
  state: "accepted",
  storedAt: 1,
  transactionIds: [],
  attempts: 0,
  digest: "",
  purged: false,
  listed: false,
};
takes<outbox.OutboxReceipt>(receipt);
// @ts-expect-error Is it stored, and as which?
takes<outbox.OutboxReceipt>({ clientId: "100", clientOrderId: "A-1" });
takes<outbox.OutboxOrder>(kept, { ...kept, endedAt: 1, orderId: "1", status: "RECEIVED", code: "rejected", detail: "", errors: [{}] });
takes<outbox.OutboxLetter>(kept, { ...kept, order });
takes<outbox.OutboxPage>({ orders: [kept] }, { orders: [], next: "1" });
takes<outbox.OrderOutcome>({
  id: "1",
  clientId: "100",
  clientOrderId: "A-1",
  number: 1,
  outcome: "accepted",
  endedAt: 1,
  transactionIds: [],
  attempts: 1,
});
same<outbox.OrderOutcome["outcome"], Exclude<outbox.OutboxState, "pending" | "sending">>();
takes<outbox.OutcomeQueue>({ sendBatch: async () => undefined });

takes<Promise<readonly outbox.OutboxReceipt[]>>(orders.enqueue(env, [order]), orders.enqueue(env, "[]"));
same<Parameters<outbox.OrderOutbox<Env>["enqueue"]>, [env: Env, orders: OrdersInput]>();
takes<Promise<outbox.OutboxOrder | undefined>>(orders.status(env, "100", "A-1"));
takes<Promise<outbox.OutboxPage>>(orders.list(env, "unknown", "100", { cursor: "1", limit: 1 }));
// @ts-expect-error There is no such list.
void orders.list(env, "pending", "100");
takes<Promise<outbox.OutboxOrder>>(orders.resend(env, "100", "A-1", order), orders.dismiss(env, "100", "A-1"));
takes<Promise<Response>>(orders.fetch(new Request("https://outbox.example"), env, { waitUntil: () => undefined }));
same<outbox.OutboxClass<Env>, outbox.OrderOutbox<Env>["Outbox"]>();
takes<outbox.OutboxObject>(new orders.Outbox(state, env));
takes<broker.TokenVault>(new orders.TokenVault(state, env));
same<outbox.TokenVault, broker.TokenVault>();
