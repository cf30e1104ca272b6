// A shop's Worker with an outbox, and ways for a test to watch it and to disturb it.
import { env } from "cloudflare:workers";

import { createOutbox } from "./outbox.workerd.js";

/** The next reading of the clock fails, which kills the program in the middle of its work, as a panic would. */
let breakNext = false;
const realNow = Date.now;
Date.now = () => {
  if (!breakNext) return realNow();
  breakNext = false;
  throw new Error("a clock that breaks");
};

/** Tells the test of something; whatever it answers but 200 is a failure. */
async function tell(env, path, value) {
  const answer = await env.TEST.fetch(`http://test${path}`, { method: "POST", body: JSON.stringify(value) });
  if (!answer.ok) throw new Error(`the test answered ${answer.status}`);
}

const { queue, hook = true, ...options } = JSON.parse(env.OPTIONS);

const outbox = createOutbox({
  credentials: (env) => ({ apiKey: env.PB_API_KEY, apiSecret: env.PB_API_SECRET }),
  vault: (env) => env.TOKEN_VAULT,
  outbox: (env) => env.OUTBOX,
  basePath: "/api",
  authorize(request) {
    const scopes = request.headers.get("authorization")?.split(" ");
    return scopes ? { subject: "service", clientIds: ["NORTHWIND", "A", "B"], scopes } : null;
  },
  ...(hook && { onOutcome: (outcome, env) => tell(env, "/outcome", outcome) }),
  ...(queue && { queue: (env) => env.OUTCOMES }),
  log: () => undefined,
  onHookError: (part, error) => void console.log(`${part}: ${error?.message}`),
  ...options,
});

export const { TokenVault } = outbox;

/** The outbox, and ways to look into it. */
export class Outbox extends outbox.Outbox {
  rows() {
    return Array.from(this.ctx.storage.sql.exec("SELECT key, value FROM pb_outbox ORDER BY key").raw(), ([key, value]) => [
      key,
      new TextDecoder().decode(value),
    ]);
  }

  /** How large the database is, in bytes. */
  size() {
    return this.ctx.storage.sql.databaseSize;
  }

  async evict() {
    this.ctx.abort("evicted by a test");
  }
}

async function object(env, clientId) {
  const bytes = new TextEncoder().encode(JSON.stringify([options.upstream, clientId, 0]));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  const name = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return env.OUTBOX.get(env.OUTBOX.idFromName(name));
}

/** The merchant's own code: what it calls, with what, as JSON. */
async function call(env, [method, ...args]) {
  try {
    return { value: await outbox[method](env, ...args) };
  } catch (error) {
    return { error: { name: error.name, code: error.code, message: error.message, status: error.status, problem: error.problem } };
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/test/call") return Response.json(await call(env, await request.json()));
    if (pathname === "/test/statuses") {
      const names = await request.json();
      return Response.json(await Promise.all(names.map(([clientId, clientOrderId]) => outbox.status(env, clientId, clientOrderId))));
    }
    if (pathname === "/test/enqueue") {
      const receipts = await outbox.enqueue(env, new Uint8Array(await request.arrayBuffer()));
      return new Response(String(receipts.length));
    }
    if (pathname === "/test/rows") return Response.json(await (await object(env, searchParams.get("client"))).rows());
    if (pathname === "/test/size") return Response.json(await (await object(env, searchParams.get("client"))).size());
    if (pathname === "/test/break") {
      breakNext = true;
      return new Response();
    }
    if (pathname === "/test/evict") {
      await (await object(env, searchParams.get("client"))).evict().catch(() => undefined);
      return new Response();
    }
    return outbox.fetch(request, env, context);
  },
  async queue(batch, env) {
    for (const message of batch.messages) await tell(env, "/message", message.body);
  },
};
