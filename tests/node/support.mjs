// What the tests of the built package in Node share.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../scripts/lib/paths.mjs";
import { order } from "../matrix/shared/orders.mjs";

export { order };

/** The package as Node has it; or in parts, as a page has it, if the environment asks for that. */
export const pkg = process.env.IN_PARTS ? await inParts() : await import("../../pkg/index.node.js");

/** The bundle that fetches its parts, where files are fetched as well. */
async function inParts() {
  const { fetch } = globalThis;
  globalThis.fetch = async (what, init) => {
    if (!(what instanceof URL && what.protocol === "file:")) return fetch(what, init);
    return new Response(readFileSync(what), { headers: { "content-type": "application/wasm" } });
  };
  return import("../../pkg/streams.js");
}

export const data = (name) => readFileSync(join(root, "tests", "data", name));
export const northwind = () => JSON.parse(data("northwind-orders.json")).orders;

export const orders = (count) => Array.from({ length: count }, (_, index) => order({ clientOrderId: `A-${index + 1}` }));

/** The broker's answer when all is well. */
export async function accept(request) {
  const { orders } = await request.json();
  return Response.json({
    orders: orders.map(({ clientId, clientOrderId }) => ({ clientId, clientOrderId, orderId: `PB-${clientOrderId}`, status: "RECEIVED" })),
  });
}

export const client = (options = {}) => new pkg.FulfillmentClient({ baseURL: "https://shop.example/api", fetch: accept, ...options });

/** What a promise was rejected with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
}

/** Answers the first request, and breaks the package while it waits for the answer to any other. */
export function breaking(engine) {
  let requests = 0;
  return async (request) => {
    requests += 1;
    if (requests === 1) return accept(request);
    setTimeout(() => engine.run("breakLater", { how: "panic" }).catch(() => {}));
    return new Promise(() => {});
  };
}

/** The storage of a Durable Object, in memory. Nobody rings its alarm. */
export class Storage {
  kept = new Map();
  alarm = null;
  get = async (key) => this.kept.get(key);
  put = async (key, value) => void this.kept.set(key, value.slice());
  delete = async (key) => this.kept.delete(key);
  deleteAll = async () => this.kept.clear();
  getAlarm = async () => this.alarm;
  setAlarm = async (time) => void (this.alarm = time);
  deleteAlarm = async () => void (this.alarm = null);
}
