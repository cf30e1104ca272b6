// What a person meets who calls something wrongly: a real error that names the call and says what to do, for each thing that can be called.
import assert from "node:assert/strict";
import test from "node:test";

import * as broker from "../../pkg/broker.node.js";
import * as emulator from "../../pkg/emulator.node.js";
import * as form from "../../pkg/form.js";
import * as outbox from "../../pkg/outbox.node.js";
import * as slim from "../../pkg/slim.js";
import { client, order, pkg, rejection } from "./support.mjs";

const { FulfillmentClient } = pkg;
const shop = {
  upstream: "sandbox",
  credentials: () => ({ apiKey: "key", apiSecret: "secret" }),
  allowedOrigins: ["https://shop.example"],
  authorize: () => null,
  approveOrders: () => [],
};
const without = (name) => Object.fromEntries(Object.entries(shop).filter(([option]) => option !== name));
const made = broker.createBroker(shop);
const origin = "https://shop.example";
const sessions = { secrets: () => [{ id: "1", secret: "a secret of thirty-two bytes, or more" }] };
const store = { upstream: "sandbox", outbox: () => ({}), vault: () => ({}), credentials: shop.credentials };
const till = outbox.createOutbox(store);
const api = emulator.createEmulator();
/** As the page's own: what an element has comes from its class. */
const element = Object.create({ localName: "form" });

/** By entry and name: calls that cannot be meant, and what is said of each. */
const CALLS = {
  "pb-fulfillment": {
    validateOrders: [
      [() => pkg.validateOrders(), /first argument is missing\. Give JSON text, its bytes, or the objects/],
      [() => pkg.validateOrders([], "strict"), /options must be an object, not "strict"/],
      [() => pkg.validateOrders(fetch), /a value of type function/],
    ],
    describeField: [
      [() => pkg.describeField(), /path must be a text such as "toAddress\.postalCode", .*not undefined/],
      [() => pkg.describeField({ pointer: "/toAddress" }), /path must be a text/],
    ],
    buildOrder: [
      [() => pkg.buildOrder(), /first argument is missing/],
      [() => pkg.buildOrder({}, { now: "soon" }), /now must be a Date or milliseconds/],
      [() => pkg.buildOrder({}, { today: 0 }), /no option today\. There are: .*now/],
    ],
    applyFixes: [
      [() => pkg.applyFixes(), /second argument must be a report or a list of its issues, not undefined/],
      [() => pkg.applyFixes([order()], null), /must be a report .* not null/],
      [() => pkg.applyFixes([order()], [undefined]), /must be a report/],
      [() => pkg.applyFixes([order()], pkg.validateOrders([order()])), /must be a report/],
      [() => pkg.applyFixes(undefined, []), /first argument is missing/],
    ],
    batchOrders: [
      [() => pkg.batchOrders(), /first argument is missing/],
      [() => pkg.batchOrders([], { maxOrders: 0 }), /maxOrders must be a whole number from 1/],
    ],
    FulfillmentClient: [
      [() => new FulfillmentClient(), /baseURL is missing\. It is the URL of the broker, such as https:/],
      [() => new FulfillmentClient("https://shop.example"), /options must be an object/],
      [() => new FulfillmentClient({ baseURL: "/api" }), /only in a page, a path such as \/api will do/],
      [() => client().submitOrders(), /^submitOrders: the first argument is missing/],
      [() => client().submitOrders([], { onInvalid: "ignore" }), /^submitOrders: onInvalid must be "stop" or "skip"/],
    ],
  },
  "pb-fulfillment/form": {
    bindForm: [
      [() => form.bindForm(null), /must be a form element, not null\. Is the page loaded/],
      [() => form.bindForm(Object.create(null), pkg.orderSchema), /must be a form element, not a value of type object/],
      [() => form.bindForm("#checkout", pkg.orderSchema), /must be a form element, not "#checkout"/],
      [() => form.bindForm(element), /second argument must be orderSchema, from "pb-fulfillment"/],
      [() => form.bindForm(element, pkg.bulkOrdersSchema), /must be orderSchema/],
      [() => form.bindForm(element, pkg.orderSchema, { onsubmit() {} }), /no option onsubmit\. There are: .*onSubmit/],
    ],
  },
  "pb-fulfillment/slim": {
    initialize: [
      [() => slim.initialize(), /give core\.wasm as a WebAssembly\.Module/],
      [() => slim.initialize("/core.wasm"), /give core\.wasm as a WebAssembly\.Module/],
      [() => slim.initialize({ default: {} }), /give core\.wasm as a WebAssembly\.Module/],
      [() => slim.initialize(answered()), /has been read already\. Give the answer as it came/],
    ],
  },
  "pb-fulfillment/broker": {
    createBroker: [
      [() => broker.createBroker(), /credentials is missing\. Give \(env\) =>/],
      [() => broker.createBroker({}), /credentials is missing\. Give \(env\) =>/],
      [() => broker.createBroker(without("upstream")), /upstream is missing\. Give "sandbox" or "production"/],
      [() => broker.createBroker(without("authorize")), /authorize is missing\. Give a function that tells who is asking/],
      [() => broker.createBroker(without("approveOrders")), /approveOrders is missing\. Give a function that names the orders/],
      [() => broker.createBroker(without("allowedOrigins")), /allowedOrigins is missing\. Give the origins/],
      [() => broker.createBroker({ ...shop, allowedOrigins: ["shop.example"] }), /"shop\.example" is no origin; an origin is a scheme/],
      [() => broker.createBroker({ ...shop, allowedOrigins: [] }), /allowedOrigins is empty.*allowMissingOrigin: true/],
      [() => broker.createBroker({ ...shop, approveOrders: null }), /approveOrders may be null only where no page/],
      [() => broker.createBroker({ ...shop, upstream: "staging" }), /upstream must be an origin/],
      [() => broker.createBroker({ ...shop, credentials: { apiKey: "key" } }), /credentials must be a function/],
      [() => broker.createBroker({ ...shop, basePath: "api" }), /base path begins with a slash/],
      [() => broker.createBroker({ ...shop, limits: { timeout: 1 } }), /limits: there is no option timeout\. There are: .*requestTimeout/],
      [() => broker.createBroker({ ...shop, origins: [] }), /no option origins\. There are: .*allowedOrigins/],
      [() => made.fetch("https://shop.example/api"), /give a Request, such as new Request\(url/],
      [() => made.fetch(), /give a Request/],
      [
        () => broker.createBroker({ ...shop, rateLimits: { subjects: {} } }),
        /rateLimits: there is no option subjects\. There are: address, subject/,
      ],
      [
        () => broker.createBroker({ ...shop, rateLimits: { subject: { requests: 0 } } }),
        /rateLimits\.subject: requests must be a whole number from 1/,
      ],
      [() => broker.createBroker({ ...shop, audit: [] }), /audit must be a function, not a list/],
    ],
    createSessions: [
      [() => broker.createSessions(), /secrets is missing\. Give \(env\) => \[\{ id, secret \}\]/],
      [() => broker.createSessions({ secrets: "s" }), /secrets must be a function, not "s"/],
      [() => broker.createSessions({ ...sessions, tll: 1 }), /no option tll\. There are: .*ttl/],
      [() => broker.createSessions({ ...sessions, ttl: 15 }), /ttl must be a whole number from 1000/],
      [() => broker.createSessions({ ...sessions, cookie: "a b" }), /cookie must be the name of a cookie such as "__Host-pbf", not "a b"/],
      [() => broker.createSessions(sessions).issue(), /issue: .*subject/],
      [
        () => broker.createSessions(sessions).issue({ subject: "a", clientIds: ["1"], scopes: ["write"], origin }),
        /no scope "write"; there are orders:write/,
      ],
      [() => broker.createSessions(sessions).issue({ subject: "a", clientIds: ["1"], scopes: [], origin: "/" }), /"\/" is no origin/],
      [() => broker.createSessions(sessions).setCookie({ token: "a", expiresAt: 0 }), /cookie is missing\. Give the name of the cookie/],
      [() => broker.createSessions(sessions).authorize("https://shop.example"), /^authorize: give a Request/],
      [
        () => broker.createSessions({ secrets: () => [{ id: "1" }] }).authorize(new Request(origin)),
        /secrets must give a list of \{ id, secret \}/,
      ],
      [() => broker.createSessions({ secrets: () => [] }).authorize(new Request(origin)), /secrets: there is no key/],
    ],
    createSignedRequests: [
      [() => broker.createSignedRequests(), /signers is missing\. Give \(env\) => \[\{ id, secret, subject/],
      [() => broker.createSignedRequests({ signers: () => [] }), /nonces is missing\. Give \(env\) => env\.LEDGER/],
      [() => broker.createSignedRequests({ signers: () => [], nonces: () => ({}), maxAge: 5 }), /maxAge must be a whole number from 1000/],
      [
        () => broker.createSignedRequests({ signers: () => [], nonces: () => ({}) }).authorize(new Request(origin)),
        /signers: there is no key/,
      ],
      [() => broker.createSignedRequests({ signers: () => [], nonces: () => ({}) }).authorize(), /^authorize: give a Request/],
    ],
  },
  "pb-fulfillment/outbox": {
    createOutbox: [
      [() => outbox.createOutbox(), /outbox is missing\. Give \(env\) => env\.OUTBOX/],
      [() => outbox.createOutbox({ ...store, vault: undefined }), /vault is missing\. Give \(env\) => env\.TOKEN_VAULT/],
      [() => outbox.createOutbox({ ...store, upstream: 5 }), /upstream must be "sandbox", "production", an origin/],
      [() => outbox.createOutbox({ ...store, dely: 5 }), /no option dely\. There are: .*delay/],
      [() => outbox.createOutbox({ ...store, shards: 0 }), /shards must be a whole number from 1 to 1000, not 0/],
      [() => outbox.createOutbox({ ...store, onAmbiguous: "retry" }), /onAmbiguous must be "report" or "resend", not "retry"/],
      [() => till.enqueue({}), /first argument is missing/],
      [() => till.fetch(), /give a Request/],
    ],
  },
  "pb-fulfillment/emulator": {
    createEmulator: [
      [() => emulator.createEmulator(null), /options must be an object, not null/],
      [() => emulator.createEmulator({ credentials: {} }), /credentials must be \{ apiKey, apiSecret \}/],
      [() => emulator.createEmulator({ faults: "throttled" }), /faults must be an object such as \{ script: \["throttled"\] \}/],
      [() => emulator.createEmulator({ faults: { script: ["slow"] } }), /no fault "slow"; there are none, refuse/],
      [() => emulator.createEmulator({ fault: {} }), /no option fault\. There are: .*faults/],
      [() => api.setFaults(), /^setFaults: the plan must be an object such as/],
      [() => api.setFaults({ scrip: [] }), /^setFaults: "scrip" is unknown; known are script, random/],
      [() => api.fetch("https://api.example"), /give a Request/],
    ],
  },
};

/** An answer whose body was read. */
const answered = () => {
  const answer = new Response("");
  void answer.text();
  return answer;
};

for (const [entry, calls] of Object.entries(CALLS)) {
  for (const [name, wrong] of Object.entries(calls)) {
    test(`${name} of ${entry} says what is wrong with a call, and what to do`, async () => {
      for (const [call, message] of wrong) {
        await assert.rejects(
          async () => call(),
          (error) => error instanceof TypeError && message.test(error.message),
          String(message),
        );
      }
    });
  }
}

test("nothing that can be called is left out", () => {
  // These take nothing, or anything.
  const free = ["createTransactionId", "loadBuilder", "loadValidator", "isFulfillmentError", "FulfillmentError"];
  const entries = {
    "pb-fulfillment": pkg,
    "pb-fulfillment/form": form,
    "pb-fulfillment/broker": broker,
    "pb-fulfillment/outbox": outbox,
    "pb-fulfillment/emulator": emulator,
  };
  const known = new Set(Object.values(CALLS).flatMap(Object.keys).concat(free));
  for (const [entry, module] of Object.entries({ ...entries, "pb-fulfillment/slim": slim })) {
    const untried = Object.keys(module).filter((name) => typeof module[name] === "function" && !known.has(name));
    assert.deepEqual(untried, [], `say in CALLS what ${entry} answers to wrong calls of these`);
  }
});

test("what is no list of orders can be neither mended nor divided, and both say why in the same words", async () => {
  for (const [input, code] of [
    ["orders.json", "invalid_json"],
    [new Uint8Array([0x22, 0xff, 0x22]), "invalid_json"],
    // A list, but for a text that could only be guessed at.
    [Buffer.concat([Buffer.from('[{"sku": "'), Buffer.from([0xff]), Buffer.from('"}]')]), "invalid_json"],
    ["null", "invalid_input"],
    [{ order: order({ toAddress: { ...order().toAddress, postalCode: 12345 } }) }, "invalid_input"],
    // An order with a mend before the fault, and more issues before it than are listed.
    ['{"orders": [{"toAddress": {"postalCode": 12345}}], "orders": 7}', "invalid_input"],
    [`{"orders": [${"{},".repeat(3000)}{}], "orders": 7}`, "invalid_input"],
  ]) {
    const [mended, divided] = await Promise.all([rejection(pkg.applyFixes(input, [])), rejection(pkg.batchOrders(input))]);
    assert.deepEqual([pkg.isFulfillmentError(mended), mended.code, mended.report?.valid], [true, code, false]);
    assert.deepEqual(mended, divided);
  }
});

test("a schema gives the JSON Schema for a target that it knows, and names those", () => {
  const { jsonSchema } = pkg.orderSchema["~standard"];
  for (const options of [undefined, {}, { target: "openapi-3.0" }]) {
    assert.throws(() => jsonSchema.input(options), { name: "TypeError", message: /only for draft-2020-12 and draft-07/ });
  }
});

for (const name of ["Request", "Headers", "AbortController", "fetch", "crypto"]) {
  test(`a runtime without ${name} sends nothing, and is told what it lacks`, async (t) => {
    const { [name]: before } = Object.getOwnPropertyDescriptors(globalThis);
    t.after(() => Object.defineProperty(globalThis, name, before));
    delete globalThis[name];
    const error = await new FulfillmentClient({ baseURL: "https://shop.example/api" }).submitOrders([order()]).catch((error) => error);
    assert.equal(error.code, "unsupported_runtime");
    assert.match(error.message, new RegExp(`needs ${name}, which this runtime does not have\\. It runs in Node 20\\.19`));
  });
}

test("a client with a fetch of its own has no need of a global one", async (t) => {
  const { fetch: before } = Object.getOwnPropertyDescriptors(globalThis);
  t.after(() => Object.defineProperty(globalThis, "fetch", before));
  delete globalThis.fetch;
  const { counts } = await client().submitOrders([order()]);
  assert.equal(counts.accepted, 1);
});
