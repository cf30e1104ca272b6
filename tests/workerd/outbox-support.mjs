// A Worker with an outbox in workerd; the API is in the test's own process, so that it outlives the Worker.
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { Miniflare, Response as WorkerResponse } from "miniflare";

import { createEmulator } from "../../pkg/emulator.node.js";
import { pkg, root } from "../../scripts/lib/paths.mjs";
import { KEY, SECRET, orders } from "./support.mjs";

const module = (path, file) => ({ type: "ESModule", path, contents: readFileSync(file, "utf8") });

/** Order number `number` of a client: the same each time. */
export function order(number, clientId = "NORTHWIND") {
  const [first] = orders(number % 100, (number % 100) + 1);
  return { ...first, clientId, clientOrderId: `W-${number}` };
}

/** Orders from one number to another. */
export const many = (from, to, clientId) => Array.from({ length: to - from }, (_, index) => order(from + index, clientId));

/** The API over HTTP, and whoever hears of outcomes: they stay when a Worker goes. */
export class Outside {
  emulator = createEmulator({ credentials: { apiKey: KEY, apiSecret: SECRET }, duplicates: "create" });
  /** When each bulk call came. */
  calls = [];
  /** How many orders it has accepted. */
  accepted = 0;
  outcomes = [];
  messages = [];
  /** How many outcomes the hook refuses from now on. */
  refuse = 0;
  /** How long the API takes for a bulk call, in milliseconds. */
  latency = 0;

  /** Starts it; it ends with the test. */
  static async start(t) {
    const outside = new Outside();
    const server = createServer((request, response) => void outside.#answer(request, response));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    outside.origin = `http://127.0.0.1:${server.address().port}`;
    return outside;
  }

  async #answer(request, response) {
    try {
      const body = Buffer.concat(await request.toArray());
      if (request.url.endsWith("/bulk")) {
        this.calls.push(performance.now());
        if (this.latency > 0) await wait(this.latency);
      }
      const init = { method: request.method, headers: request.headers, body };
      const answer = await this.emulator.fetch(new Request(`${this.origin}${request.url}`, init));
      const bytes = Buffer.from(await answer.arrayBuffer());
      this.accepted += bytes.toString().split('"orderId"').length - 1;
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(bytes);
    } catch {
      // A cut is a closed socket.
      request.socket.destroy();
    }
  }

  test = async (request) => {
    const value = await request.json();
    if (new URL(request.url).pathname === "/message") this.messages.push(value);
    else {
      this.outcomes.push(value);
      this.refuse -= 1;
    }
    return new WorkerResponse(null, { status: this.refuse >= 0 ? 503 : 200 });
  };
}

/** Starts a Worker; it ends with the test. `persist` is a folder in which its Durable Objects outlive it. */
export async function startOutbox(t, { outside, persist = false, options = {} } = {}) {
  outside ??= await Outside.start(t);
  const miniflare = new Miniflare({
    name: "outbox",
    compatibilityDate: "2026-04-01",
    modulesRoot: "/",
    modules: [
      module("/worker.mjs", join(root, "tests/workerd/workers/outbox.mjs")),
      module("/outbox.workerd.js", join(pkg, "outbox.workerd.js")),
      { type: "CompiledWasm", path: "/server.wasm", contents: readFileSync(join(pkg, "server.wasm")) },
    ],
    bindings: { PB_API_KEY: KEY, PB_API_SECRET: SECRET, OPTIONS: JSON.stringify({ upstream: outside.origin, ...options }) },
    durableObjects: {
      TOKEN_VAULT: { className: "TokenVault", useSQLite: true },
      OUTBOX: { className: "Outbox", useSQLite: true },
    },
    durableObjectsPersist: persist,
    queueProducers: { OUTCOMES: "outcomes" },
    queueConsumers: { outcomes: { maxBatchTimeout: 0 } },
    serviceBindings: { TEST: outside.test },
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.on("data", (data) => (running.printed += String(data)))),
  });
  const others = children();
  const running = new Running(miniflare, outside);
  t.after(() => running.kill());
  await miniflare.ready;
  running.processes = children().filter((pid) => !others.includes(pid));
  return running;
}

/** The workerd processes that this process has started. */
function children() {
  const isChild = (pid) => {
    try {
      const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
      return name.startsWith("workerd") && Number(parent) === process.pid;
    } catch {
      // It has ended meanwhile.
      return false;
    }
  };
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && isChild(pid));
}

class Running {
  /** What the runtime and the Worker's console printed. */
  printed = "";
  /** Its process: workerd. */
  processes = [];
  #miniflare;
  #killed;

  constructor(miniflare, outside) {
    this.#miniflare = miniflare;
    this.outside = outside;
  }

  fetch(path, init) {
    return this.#miniflare.dispatchFetch(`https://outbox.example${path}`, init);
  }

  /** Calls a method of the outbox in the Worker; gives `{ value }` or `{ error }`. */
  async try(method, ...args) {
    return (await this.fetch("/test/call", { method: "POST", body: JSON.stringify([method, ...args]) })).json();
  }

  async call(method, ...args) {
    const { value, error } = await this.try(method, ...args);
    if (error) throw new Error(`${error.code}: ${error.message}`);
    return value;
  }

  /** Asks over HTTP, with these scopes. */
  async ask(method, path, scopes, body) {
    const headers = { ...(scopes && { authorization: scopes }), ...(body !== undefined && { "content-type": "application/json" }) };
    const answer = await this.fetch(`/api/v1/outbox${path}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, headers: answer.headers, value: await answer.json() };
  }

  async rows(client = "NORTHWIND") {
    return (await this.fetch(`/test/rows?client=${client}`)).json();
  }

  evict(client = "NORTHWIND") {
    return this.fetch(`/test/evict?client=${client}`);
  }

  /** Kills the program of the package when it next looks at the clock. */
  break() {
    return this.fetch("/test/break");
  }

  /** What is known of each of these orders. */
  async statuses(orders) {
    const body = JSON.stringify(orders.map(({ clientId, clientOrderId }) => [clientId, clientOrderId]));
    return (await this.fetch("/test/statuses", { method: "POST", body })).json();
  }

  /** The state of each of these orders. */
  async states(orders) {
    return (await this.statuses(orders)).map((record) => record?.state);
  }

  /** Ends the Worker at once, whatever it is doing. */
  kill() {
    if (!this.#killed) for (const pid of this.processes) process.kill(pid, "SIGKILL");
    return (this.#killed ??= this.#miniflare.dispose());
  }
}

/** Waits until it holds, for at most so many milliseconds. */
export async function until(holds, { within = 30_000, every = 50 } = {}) {
  const end = performance.now() + within;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come to pass: ${holds}`);
    await wait(every);
  }
}
