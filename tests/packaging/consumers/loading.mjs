// How the entries that differ only in how they load fare in Node. Prints what came of each, as JSON by name.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { runInNewContext } from "node:vm";

import * as inline from "pb-fulfillment/inline";
import * as broker from "pb-fulfillment/broker";
import * as emulator from "pb-fulfillment/emulator";

import { brokerOf, throughBroker } from "./orders.mjs";

const require = createRequire(import.meta.url);
const file = require.resolve("pb-fulfillment/core.wasm");
const send = (pkg) => throughBroker(pkg, brokerOf(broker, emulator));
const error = (promise) =>
  promise.then(
    () => "none",
    ({ name, code, status, message }) => ({ name, code, status, message }),
  );

/** A copy of /slim of its own, that has no program yet. */
let copies = 0;
const slim = () => import(`${import.meta.resolve("pb-fulfillment/slim")}?copy=${copies++}`);

const outcomes = {};
const sources = {
  module: async () => new WebAssembly.Module(await readFile(file)),
  realm: async () => runInNewContext("new WebAssembly.Module(bytes)", { bytes: await readFile(file) }),
  bytes: () => readFile(file),
  buffer: async () => new Uint8Array(await readFile(file)).buffer,
  response: async () => new Response(await readFile(file), { headers: { "content-type": "application/wasm" } }),
};
for (const [name, source] of Object.entries(sources)) {
  const pkg = await slim();
  await pkg.initialize(await source());
  outcomes[name] = await send(pkg);
}
const promised = await slim();
const initialized = promised.initialize(sources.response());
outcomes.promise = await send(promised); // a call that comes before it is ready waits
await initialized;
const compiled = await slim();
void compiled.initialize(await sources.module());
outcomes.synchronous = compiled.orderSchema["~standard"].validate({}) instanceof Promise ? "later" : "at once";

const early = await slim();
outcomes.early = await error(early.validateOrders([]));
outcomes.html = await error(early.initialize(new TextEncoder().encode("<!doctype html>")));
outcomes.missing = await error(early.initialize(new Response("", { status: 404 })));
outcomes.path = await error(early.initialize("/core.wasm"));
await early.initialize(await sources.module());
outcomes.mended = await send(early);

// Another program of the package, or a part, is refused at the first call, and the right one can be given after it.
const wrong = await slim();
outcomes.wrong = [];
const programs = ["server", "check", "build", "send", "streams"].map((name) => require.resolve(`pb-fulfillment/${name}.wasm`));
const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
for (const program of [empty, ...(await Promise.all(programs.map((file) => readFile(file))))]) {
  await wrong.initialize(program);
  outcomes.wrong.push(await error(wrong.validateOrders([])));
}
await wrong.initialize(await readFile(file));
outcomes.righted = await send(wrong);

// The first that succeeds counts, whatever becomes of the others.
const twice = await slim();
const failing = error(twice.initialize(new Response("", { status: 404 })));
const second = twice.initialize(sources.bytes());
const third = twice.initialize(Promise.reject(new Error("nobody asks for this one")));
await Promise.all([second, third]);
outcomes.first = await failing;
outcomes.second = await send(twice);

outcomes.inline = await send(inline);
outcomes.inlineRequired = await send(require("pb-fulfillment/inline"));
const required = require("pb-fulfillment/slim");
await required.initialize(await readFile(file));
outcomes.slimRequired = await send(required);
console.log(JSON.stringify(outcomes));
