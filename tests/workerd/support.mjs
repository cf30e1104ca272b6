// A shop's Worker and the API's Worker, wired together in workerd, and a client in front of them.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Miniflare } from "miniflare";

import { pkg, root } from "../../scripts/lib/paths.mjs";

export const ORIGIN = "https://shop.example";
export const KEY = "key-of-the-merchant+/=";
export const SECRET = "secret of the merchant: p\u00e4ss/w+rd?";
export const SIGNING_SECRET = "what sessions and programs are signed with";

const module = (path, file) => ({ type: "ESModule", path, contents: readFileSync(file, "utf8") });

function worker(name, entry, options) {
  return {
    name,
    compatibilityDate: "2026-04-01",
    modulesRoot: "/",
    modules: [
      module("/worker.mjs", join(root, "tests/workerd/workers", `${name}.mjs`)),
      module(`/${entry}.workerd.js`, join(pkg, `${entry}.workerd.js`)),
      { type: "CompiledWasm", path: "/server.wasm", contents: readFileSync(join(pkg, "server.wasm")) },
    ],
    bindings: { PB_API_KEY: KEY, PB_API_SECRET: SECRET, SIGNING_SECRET },
    ...options,
  };
}

/**
 * Starts both Workers; they end with the test. `tokenLifetime` is how long the API's tokens are valid, in seconds; `limits` are the
 * broker's; `persist` is a folder in which the Durable Objects outlive the Workers; `rateLimit` is how many requests of a subject
 * Cloudflare's Rate Limiting lets through in a minute; `options` are workerd's own for both.
 */
export function start(t, { tokenLifetime = 35_999, limits = {}, persist = false, rateLimit, options = {} } = {}) {
  const printed = [];
  const shop = worker("shop", "broker", {
    durableObjects: {
      TOKEN_VAULT: { className: "TokenVault", useSQLite: true },
      LEDGER: { className: "Ledger", useSQLite: true },
    },
    serviceBindings: { PB_API: "api" },
    ...(rateLimit && { ratelimits: { RATE_LIMITER: { simple: { limit: rateLimit, period: 60 } } } }),
    ...options,
  });
  shop.bindings.LIMITS = JSON.stringify(limits);
  const api = worker("api", "emulator", options);
  api.bindings.TOKEN_LIFETIME = String(tokenLifetime);
  const miniflare = new Miniflare({
    workers: [shop, api],
    durableObjectsPersist: persist,
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.on("data", (data) => printed.push(String(data)))),
  });
  const running = new Running(miniflare, printed);
  t.after(() => running.kill());
  return running;
}

class Running {
  /** Every answer that a caller of the shop has had, head and body. */
  answers = [];
  #miniflare;
  #printed;
  #keys = 0;
  #killed;

  constructor(miniflare, printed) {
    this.#miniflare = miniflare;
    this.#printed = printed;
  }

  /** Asks the shop, as a page would. */
  async ask(path, { headers = {}, ...init } = {}) {
    const answer = await this.#miniflare.dispatchFetch(`${ORIGIN}${path}`, { ...init, headers: { origin: ORIGIN, ...headers } });
    const body = await answer.text();
    this.answers.push(JSON.stringify([answer.status, [...answer.headers], body]));
    return new Response(answer.status === 204 ? null : body, { status: answer.status, headers: [...answer.headers] });
  }

  /** `fetch` for a client. */
  fetch = async (request) =>
    this.ask(new URL(request.url).pathname, {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      body: await request.arrayBuffer(),
    });

  /** Sends a body of one's own to the bulk route, under a new key unless the headers name one. */
  bulk(body, headers = {}) {
    return this.ask("/api/v1/orders/bulk", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "idempotency-key": `"key-${(this.#keys += 1)}"`,
        "x-pb-fulfillment-client": "test",
        authorization: "Bearer somebody",
        ...headers,
      },
      body: typeof body === "string" || body instanceof ReadableStream ? body : JSON.stringify(body),
      ...(body instanceof ReadableStream && { duplex: "half" }),
    });
  }

  async #api(path, init) {
    const api = await this.#miniflare.getWorker("api");
    return api.fetch(`http://api.example${path}`, init);
  }

  /** How often the API was asked for tokens. */
  async tokenCalls() {
    return (await (await this.#api("/test/asked")).json())["/oauth/token"] ?? 0;
  }

  /** How often the API was sent orders. */
  async bulkCalls() {
    const asked = await (await this.#api("/test/asked")).json();
    return Object.entries(asked).reduce((sum, [path, count]) => sum + (path.endsWith("/orders/bulk") ? count : 0), 0);
  }

  /** What the ledger has stored of a key of the caller "somebody". */
  async entry(key) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`binding\nBearer somebody\0${key}`));
    return (await this.#miniflare.dispatchFetch(`${ORIGIN}/test/entry?name=${Buffer.from(digest).toString("hex")}`)).json();
  }

  /** Ends both Workers at once, whatever they are doing. */
  kill() {
    return (this.#killed ??= this.#miniflare.dispose());
  }

  /** The tokens that the API has given out. */
  async tokens() {
    return (await this.#api("/test/tokens")).json();
  }

  async setFaults(plan) {
    await this.#api("/emulator/faults", { method: "PUT", body: JSON.stringify(plan) });
  }

  async stored() {
    return (await (await this.#api("/emulator/orders")).json()).orders;
  }

  /** The header fields that the API was sent with the last orders. */
  async seen() {
    return (await this.#api("/test/seen")).json();
  }

  /** Header fields for the API to add to its answers. */
  async add(headers) {
    await this.#api("/test/add", { method: "POST", body: JSON.stringify(headers) });
  }

  /** Asks the shop's Worker for something that only tests ask for. */
  async test(path, body) {
    const init = body && { method: "POST", body: JSON.stringify(body) };
    return (await this.#miniflare.dispatchFetch(`${ORIGIN}/test/${path}`, init)).text();
  }

  async breakWhen(when) {
    await this.#miniflare.dispatchFetch(`${ORIGIN}/test/break?when=${when}`);
  }

  /** Puts the vault of the shop's key out of memory. */
  async evict() {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`binding\n${KEY}`));
    await this.#miniflare.dispatchFetch(`${ORIGIN}/test/evict?name=${Buffer.from(digest).toString("hex")}`);
  }

  /** What the shop's console was told, and what the runtime printed. */
  async lines() {
    return [...(await (await this.#miniflare.dispatchFetch(`${ORIGIN}/test/lines`)).json()), ...this.#printed];
  }

  /** Where workerd listens, for requests that `fetch` cannot make. */
  url() {
    return this.#miniflare.ready;
  }
}

const northwind = JSON.parse(readFileSync(join(root, "tests/data/northwind-orders.json"), "utf8")).orders;

/** The Northwind orders, from one to another. */
export const orders = (from = 0, to = 1) => northwind.slice(from, to);

/** The text in each form in which it might show. */
export function forms(text) {
  const bytes = Buffer.from(text);
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    encodeURIComponent(text).toLowerCase(),
    new URLSearchParams({ text }).toString().slice("text=".length),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ];
}
