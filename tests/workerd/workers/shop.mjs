// A shop's Worker: the broker as a shop sets it up, and ways for a test to watch it and to disturb it.
import { env } from "cloudflare:workers";

import { createBroker } from "./broker.workerd.js";

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

const broker = createBroker({
  credentials: async (env) => ({ apiKey: env.PB_API_KEY, apiSecret: env.PB_API_SECRET }),
  vault: (env) => env.TOKEN_VAULT,
  ledger: (env) => env.LEDGER,
  authorize: (request) => {
    const subject = request.headers.get("authorization");
    if (subject === "Bearer trouble") throw new Error("the session store is down");
    return subject && { subject, clientIds: ["NORTHWIND"], scopes: ["orders:write"] };
  },
  approveOrders: (_principal, orders) =>
    orders.flatMap((order, orderIndex) => (order.remarks === "unpaid" ? [{ orderIndex, reason: "It is not paid." }] : [])),
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

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/test/lines") return Response.json(lines);
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
