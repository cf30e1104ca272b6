// Sessions for whoever opens the page. A shop would look here whether its own login holds; this one takes a cookie of its own, a number
// that nobody guesses, for that. What the broker sees is the session alone: short, signed, for this page's origin.

import { env } from "cloudflare:workers";
import { createSessions } from "pb-fulfillment/broker";
import type { Env } from "./env.ts";
import { problem } from "./headers.ts";

/** Over https its name begins with `__Host-`, so that no other site of the domain can set it; browsers take no such cookie over http. */
export const sessions = createSessions<Env>({
  secrets: (env) => [{ id: "1", secret: env.SESSION_SECRET }],
  cookie: env.SESSION_COOKIE,
});

/** The stand-in for a shop's login. */
const VISITOR = "pbf_visitor";
const HOURS = 8;

/** Adds the cookies of the visitor and of a session to the page. */
export async function openSession(request: Request, page: Response, env: Env): Promise<Response> {
  const visitor = visitorOf(request) ?? crypto.randomUUID();
  const response = new Response(page.body, page);
  const secure = isSecure(request) ? "; Secure" : "";
  response.headers.append("Set-Cookie", `${VISITOR}=${visitor}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${HOURS * 3600}${secure}`);
  response.headers.append("Set-Cookie", await sessionCookie(request, visitor, env));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

/** `POST /session`: a new session for a visitor who is known, since sessions are short. */
export async function renewSession(request: Request, env: Env): Promise<Response> {
  if (request.method !== "POST") return problem(405, "Only POST is known here.", { allow: "POST" });
  const visitor = visitorOf(request);
  if (!visitor) return problem(401, "Open the page first.");
  return new Response(null, {
    status: 204,
    headers: { "Set-Cookie": await sessionCookie(request, visitor, env), "Cache-Control": "no-store" },
  });
}

async function sessionCookie(request: Request, subject: string, env: Env): Promise<string> {
  const { origin } = new URL(request.url);
  const issued = await sessions.issue({ subject, clientIds: env.CLIENT_IDS.split(","), scopes: ["orders:write"], origin }, env);
  return sessions.setCookie(issued, { secure: isSecure(request) });
}

function visitorOf(request: Request): string | undefined {
  return /(?:^|; )pbf_visitor=([\da-f-]{36})(?:;|$)/.exec(request.headers.get("Cookie") ?? "")?.[1];
}

function isSecure(request: Request): boolean {
  return new URL(request.url).protocol === "https:";
}
