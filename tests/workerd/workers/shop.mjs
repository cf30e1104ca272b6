// A shop's Worker: the broker as a shop sets it up, and ways for a test to watch it and to disturb it.
import { env } from "cloudflare:workers";

import { createBroker, createSessions, createSignedRequests } from "./broker.workerd.js";

/** What the console was told. */
const lines = [];
for (const method of ["log", "info", "warn", "error", "debug"]) {
  console[method] = (...values) => void lines.push(values.map((value) => (value instanceof Error ? value.stack : String(value))).join(" "));
}

/** The next reading of the clock fails, which kills the program in the middle of its work, as a panic would. */
let breakNext = false;
const realNow = Date.now;
Date.now = () => {
  if (!breakNext) return realNow();
  breakNext = false;
  throw new Error("a clock that breaks");
};

/** When the program is to be broken. */
let breakWhen = "never";
function breakIf(when) {
  if (breakWhen !== when) return;
  breakWhen = "never";
  breakNext = true;
}

const caller = { clientIds: ["NORTHWIND"], scopes: ["orders:write"] };
const sessions = createSessions({ secrets: (env) => [{ id: "1", secret: env.SIGNING_SECRET }], cookie: "__Host-pbf" });
const signed = createSignedRequests({
  signers: (env) => [{ id: "erp", secret: env.SIGNING_SECRET, subject: "the ERP", ...caller }],
  nonces: (env) => env.LEDGER,
});

/** What was kept of each request. */
const records = [];

const broker = createBroker({
  credentials: async (env) => ({ apiKey: env.PB_API_KEY, apiSecret: env.PB_API_SECRET }),
  vault: (env) => env.TOKEN_VAULT,
  ledger: (env) => env.LEDGER,
  authorize: (request, env) => {
    if (request.headers.has("signature")) return signed.authorize(request, env);
    if (request.headers.get("cookie")?.includes("__Host-pbf")) return sessions.authorize(request, env);
    const subject = request.headers.get("authorization");
    if (subject === "Bearer trouble") throw new Error("the session store is down");
    return subject && { subject, ...caller };
  },
  approveOrders: (_principal, orders) =>
    orders.flatMap((order, orderIndex) => (order.remarks === "unpaid" ? [{ orderIndex, reason: "It is not paid." }] : [])),
  audit: async (record) => {
    await scheduler.wait(1);
    records.push(record);
  },
  ...(env.RATE_LIMITER && { rateLimits: { subject: { period: 60_000, limiter: (env) => env.RATE_LIMITER } } }),
  allowedOrigins: ["https://shop.example"],
  basePath: "/api",
  limits: { maxBodyBytes: 1 << 20, ...JSON.parse(env.LIMITS) },
  upstream: (env) => ({
    async fetch(request) {
      const bulk = request.url.endsWith("/bulk");
      const answer = await env.PB_API.fetch(request);
      if (bulk) breakIf("sent");
      return answer;
    },
  }),
});

/** The vault of the broker, and a way to put it out of memory. */
export class TokenVault extends broker.TokenVault {
  evict() {
    this.ctx.abort("evicted by a test");
  }
}

/** The ledger of the broker, and a way to look into an entry. */
export class Ledger extends broker.Ledger {
  async kept() {
    const { storage } = this.ctx;
    return { keys: [...(await storage.list()).keys()], alarm: await storage.getAlarm() };
  }
}

/** What the broker answers to a request with these header fields, and how much of its body has been read by then. */
async function unread({ path, headers }, env, context) {
  let pulled = 0;
  const pull = (controller) => {
    pulled += 1;
    controller.enqueue(new Uint8Array(10));
  };
  const body = new ReadableStream({ pull, type: "bytes" }, { highWaterMark: 0 });
  const request = new Request(`https://shop.example${path}`, { method: "POST", headers, body });
  const answer = await broker.fetch(request, env, context);
  return { status: answer.status, pulled };
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/test/lines") return Response.json(lines);
    if (pathname === "/test/records") return Response.json(records);
    if (pathname === "/test/session") {
      const session = await sessions.issue({ subject: "user-7", origin: "https://shop.example", ...caller }, env);
      return new Response(sessions.setCookie(session));
    }
    if (pathname === "/test/unread") return Response.json(await unread(await request.json(), env, context));
    if (pathname === "/test/break") {
      breakWhen = searchParams.get("when");
      return new Response();
    }
    if (pathname === "/test/evict") {
      await env.TOKEN_VAULT.get(env.TOKEN_VAULT.idFromName(searchParams.get("name")))
        .evict()
        .catch(() => undefined);
      return new Response();
    }
    if (pathname === "/test/entry") {
      return Response.json(await env.LEDGER.get(env.LEDGER.idFromName(searchParams.get("name"))).kept());
    }
    breakIf("asked");
    return broker.fetch(request, env, context);
  },
};
