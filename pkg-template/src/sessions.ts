/** Sessions of pages: tokens that the shop's server issues and the broker checks. */
import type { Principal } from "./broker-types.js";
import type { SessionOptions, SessionRefusal, Sessions, SigningSecret } from "./caller-types.js";
import { askedOf } from "./exchange.js";
import { aFunction, checkOptions, milliseconds, nameOf } from "./options.js";
import { server } from "./server.js";

const OPTIONS = {
  secrets: aFunction,
  audience: (value: unknown) => (typeof value === "string" && value !== "" ? undefined : `must be a text, not ${nameOf(value)}.`),
  ttl: milliseconds(1000),
  clockSkew: milliseconds(0),
  // What a name may have (RFC 6265, section 4.1.1), as far as it is plain.
  cookie: (value: unknown) =>
    typeof value === "string" && /^[\w.-]{1,100}$/.test(value)
      ? undefined
      : `must be the name of a cookie such as "__Host-pbf", not ${nameOf(value)}.`,
  onRefused: aFunction,
};

/** What is found of a request. */
export type Found<Refusal> = (Principal & { readonly refused?: undefined }) | { readonly refused: Refusal };

/**
 * Makes sessions. The shop's server issues them and the broker checks them, so both have the same options; any server can issue one with
 * a library for JWT.
 *
 * Throws a TypeError that names the option and the remedy, if an option is misspelt, missing or wrong.
 */
export function createSessions<Env = unknown>(options: SessionOptions<Env>): Sessions<Env> {
  if (options?.secrets === undefined) {
    throw new TypeError("createSessions: secrets is missing. Give (env) => [{ id, secret }], from the Worker's secrets.");
  }
  checkOptions("createSessions", options, OPTIONS);
  const { secrets, onRefused, ...plain } = { ...options };
  const keyed = async (env: Env): Promise<object> => ({ ...plain, secrets: pairsOf(await secrets(env)) });

  return {
    async issue({ subject, clientIds, scopes, origin }, env) {
      const call = { ...(await keyed(env)), subject, clientIds, scopes, origin };
      return (await server()).call("issueSession", call);
    },
    setCookie({ token, expiresAt }, { secure = true } = {}) {
      const { cookie } = plain;
      if (cookie === undefined)
        throw new TypeError('createSessions: cookie is missing. Give the name of the cookie, such as "__Host-pbf".');
      if (!secure && cookie.startsWith("__")) throw new TypeError(`setCookie: browsers take ${cookie} over https only. Leave secure out.`);
      const seconds = Math.max(0, Math.floor((expiresAt - Date.now()) / 1000));
      return `${cookie}=${token}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
    },
    async authorize(request, env) {
      const call = { ...(await keyed(env)), ...askedOf(request), origin: originOfPage(request) };
      const found = (await server()).call<Found<SessionRefusal>>("findSession", call);
      if (found.refused === undefined) return found;
      onRefused?.(found.refused, request);
      return null;
    },
  };
}

function pairsOf(secrets: readonly SigningSecret[]): (readonly [string, string])[] {
  const isSecret = (entry: SigningSecret | undefined): boolean => typeof entry?.id === "string" && typeof entry.secret === "string";
  if (!Array.isArray(secrets) || !secrets.every(isSecret)) {
    throw new TypeError("createSessions: secrets must give a list of { id, secret }, two texts each. Set the Worker's secret.");
  }
  return secrets.map(({ id, secret }) => [id, secret] as const);
}

/** The origin of the page that asks. Browsers send none when a page reads from its own origin, and tell so (Fetch Metadata). */
function originOfPage(request: Request): string | undefined {
  const origin = request.headers.get("Origin");
  if (origin !== null) return origin;
  const reads = request.method === "GET" || request.method === "HEAD";
  return reads && request.headers.get("Sec-Fetch-Site") === "same-origin" ? new URL(request.url).origin : undefined;
}
