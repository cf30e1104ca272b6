// The development server's one Worker: the page, the broker at /api, and the emulated API that the broker talks to. In
// production the page and the broker are kept, and the emulator gives way to `upstream: "production"`.

import { WorkerEntrypoint, env } from "cloudflare:workers";
import { createBroker } from "pb-fulfillment/broker";
import { createEmulator } from "pb-fulfillment/emulator";
import { approveOrders, settingsResponse } from "./approval.ts";
import { emulatorRequest } from "./emulator-routes.ts";
import type { Env } from "./env.ts";
import { problem, secured } from "./headers.ts";
import { openSession, renewSession, sessions } from "./session.ts";

/** One for all requests, so that orders stay in its store and faults set over HTTP stay set. */
const emulator = createEmulator({
  // The values of wrangler.jsonc: credentials of an emulator, nobody's secret.
  credentials: { apiKey: "emulator-key", apiSecret: "emulator-secret" },
});

const broker = createBroker<Env>({
  credentials: (env) => ({ apiKey: env.PB_API_KEY, apiSecret: env.PB_API_SECRET }),
  vault: (env) => env.TOKEN_VAULT,
  ledger: (env) => env.LEDGER,
  authorize: sessions.authorize,
  approveOrders,
  basePath: "/api",
  allowedOrigins: env.ALLOWED_ORIGINS.split(","),
  upstream: (env) => env.PB_API,
  rateLimits: { subject: { period: 60_000, limiter: (env) => env.RATE_LIMITER } },
});

export const { TokenVault, Ledger } = broker;

/** The emulated API, bound to this same Worker as `PB_API`. */
export class Emulator extends WorkerEntrypoint<Env> {
  override fetch(request: Request): Promise<Response> {
    return emulator.fetch(request);
  }
}

export default {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/api" || url.pathname.startsWith("/api/")) return broker.fetch(request, env, context);
    if (url.pathname === "/session") return renewSession(request, env);
    if (url.pathname === "/dev/approval") return settingsResponse(request);
    const forEmulator = emulatorRequest(request);
    if (forEmulator) return emulator.fetch(forEmulator);
    if (request.method !== "GET" && request.method !== "HEAD") return problem(405, "This page can only be read.", { allow: "GET, HEAD" });
    const asset = secured(await env.ASSETS.fetch(request));
    return url.pathname === "/" ? openSession(request, asset, env) : asset;
  },
} satisfies ExportedHandler<Env>;
