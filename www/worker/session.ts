// A session for whoever opens the page, as a stand-in for a shop's own login. The cookie says who and until when, and is
// signed, so that nothing need be stored; it cannot be read by scripts, nor sent along by other sites.

const COOKIE = "pbf_session";
const HOURS = 8;

/** Who calls. */
export interface Session {
  readonly id: string;
}

/** Adds a session cookie to the page, unless the browser has one that still holds. */
export async function openSession(request: Request, page: Response, key: string): Promise<Response> {
  if (await readSession(request, key)) return page;
  const expires = Math.floor(Date.now() / 1000) + HOURS * 3600;
  const claim = `${crypto.randomUUID()}.${expires}`;
  const signature = toHex(await crypto.subtle.sign("HMAC", await importKey(key), encode(claim)));
  // Browsers take `Secure` cookies over http from localhost only in part, so it is left out on http.
  const secure = new URL(request.url).protocol === "https:" ? "; Secure" : "";
  const response = new Response(page.body, page);
  response.headers.append(
    "Set-Cookie",
    `${COOKIE}=${claim}.${signature}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${HOURS * 3600}${secure}`,
  );
  response.headers.set("Cache-Control", "no-store");
  return response;
}

/** The session of a request, or null where there is none, a forged one or an old one. */
export async function readSession(request: Request, key: string): Promise<Session | null> {
  const [id, expires, signature] = cookie(request).split(".");
  if (!id || !expires || !signature || Number(expires) * 1000 < Date.now()) return null;
  const bytes = fromHex(signature);
  // `verify` compares in constant time.
  const good = bytes && (await crypto.subtle.verify("HMAC", await importKey(key), bytes, encode(`${id}.${expires}`)));
  return good ? { id } : null;
}

function cookie(request: Request): string {
  const pairs = (request.headers.get("Cookie") ?? "").split(/;\s*/);
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? "";
}

function importKey(key: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", encode(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2})+$/.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
