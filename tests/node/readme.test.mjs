// The examples of the README, and of what it has put into docs/broker.md, are run as they stand: what they print is what their comments say, and what they export works.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { createEmulator } from "../../pkg/emulator.node.js";
import { pkg as built, root } from "../../scripts/lib/paths.mjs";
import { accept, orders } from "./support.mjs";

const folder = mkdtempSync(join(tmpdir(), "pb-fulfillment-readme-"));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, "node_modules"));
symlinkSync(built, join(folder, "node_modules", "pb-fulfillment"));

const readme = ["README.md", join("docs", "broker.md")].map((file) => readFileSync(join(root, file), "utf8")).join("\n");
const examples = [...readme.matchAll(/^## (.+)$|^```js\n([^]*?)^```$/gm)].reduce(
  (found, [, heading, code]) => (heading ? { ...found, heading } : { ...found, blocks: [...found.blocks, write(found, code)] }),
  { blocks: [], heading: "" },
).blocks;
const exporting = (name) => examples.find(({ code }) => new RegExp(`^export .*\\b${name}\\b`, "m").test(code));

function write({ blocks, heading }, code) {
  const file = join(folder, `${blocks.length}.mjs`);
  writeFileSync(file, code);
  return { heading, code, file };
}

test("the README has its examples", () => assert.ok(examples.length >= 6));

for (const { heading, code, file } of examples.filter(({ code }) => !/^export /m.test(code))) {
  test(`${heading}: prints what the comments say`, async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: folder, timeout: 60_000 });
    const expected = [...code.matchAll(/console\.log\(.*\);\s*\/\/ (.+)$/gm)].map(([, comment]) => comment);
    assert.ok(expected.length > 0, "it says what it prints");
    const printed = stdout
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("{"));
    assert.equal(printed.length, expected.length, stdout);
    expected.forEach((line, index) => assert.match(printed[index], pattern(line)));
    assert.equal(stderr, "");
  });
}

/** A line of which the dots in the middle stand for anything. */
function pattern(line) {
  return new RegExp(
    `^${line
      .split("\u2026")
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
      .join(".+")}$`,
  );
}

test("Send orders: the page's function sends what is valid and gives every outcome", async (t) => {
  globalThis.location = new URL("https://shop.example/checkout");
  t.after(() => delete globalThis.location);
  const asked = [];
  t.mock.method(globalThis, "fetch", (request) => {
    asked.push(request.url);
    return accept(request);
  });
  const printed = t.mock.method(console, "log", () => undefined);
  const { send } = await import(pathToFileURL(exporting("send").file));
  const [good, bad] = orders(2);
  const { counts } = await send([good, { ...bad, clientId: "" }], AbortSignal.timeout(20_000));
  assert.deepEqual(counts, { accepted: 1, rejected: 0, invalid: 1, failed: 0, unknown: 0 });
  assert.deepEqual(asked, ["https://shop.example/api/v1/orders/bulk"]);
  const lines = printed.mock.calls.map(({ arguments: values }) => values.join(" ").trim());
  assert.ok(lines.includes("A-1 accepted PB-A-1"), lines.join("\n"));
  assert.ok(lines.includes("2 of 2"), lines.join("\n"));
});

test("Files and streams: the page's function sends a file and shows each outcome", async (t) => {
  globalThis.location = new URL("https://shop.example/checkout");
  t.after(() => delete globalThis.location);
  t.mock.method(globalThis, "fetch", accept);
  const { sendFile } = await import(pathToFileURL(exporting("sendFile").file));
  const shown = [];
  const file = new Blob(orders(450).map((order) => `${JSON.stringify(order)}\n`));
  assert.equal((await sendFile(file, (...result) => shown.push(result))).accepted, 450);
  assert.deepEqual([shown.length, shown[0]], [450, [0, "accepted"]]);
});

/** The few statements of the outbox, over a map. */
function sqlOver(rows) {
  const inOrder = () => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  const statements = [
    [/^CREATE TABLE/, () => []],
    [/^INSERT OR REPLACE/, (values) => values.forEach((value, at) => at % 2 === 1 && rows.set(values[at - 1], value.slice().buffer))],
    [/^DELETE/, (keys) => keys.forEach((key) => rows.delete(key))],
    [/^SELECT value .* key = \?$/, ([key]) => (rows.has(key) ? [[rows.get(key)]] : [])],
    [
      /^SELECT key, value .* key >= \? AND key < \? ORDER BY key LIMIT \?$/,
      ([from, to, limit]) =>
        inOrder()
          .filter(([key]) => key >= from && key < to)
          .slice(0, limit),
    ],
  ];
  return {
    exec(query, ...values) {
      const found = statements.find(([pattern]) => pattern.test(query))[1](values) ?? [];
      return { raw: () => found };
    },
  };
}

/** Durable Objects of a class, in memory. */
function namespaceOf(Class, env = {}) {
  const objects = new Map();
  const make = (name) => {
    const [values, id] = [new Map(), { toString: () => name }];
    let alarm = null;
    const storage = {
      get: async (key) => values.get(key),
      put: async (key, value) => void values.set(key, value),
      delete: async (key) => values.delete(key),
      deleteAll: async () => values.clear(),
      getAlarm: async () => alarm,
      setAlarm: async (time) => void (alarm = time),
      deleteAlarm: async () => void (alarm = null),
      transactionSync: (action) => action(),
      sync: async () => undefined,
      sql: sqlOver(new Map()),
    };
    objects.set(name, new Class({ id, storage }, env));
    return objects.get(name);
  };
  return { objects, idFromName: (name) => ({ name }), get: ({ name }) => objects.get(name) ?? make(name) };
}

test("The broker: it answers, knows the session and refuses what is not paid", async (t) => {
  t.mock.method(console, "log", () => undefined);
  const worker = await import(pathToFileURL(exporting("TokenVault").file));
  assert.equal(typeof worker.TokenVault, "function");
  const { openSession } = await import(pathToFileURL(exporting("openSession").file));
  const env = {
    SESSION_SECRET: "a secret of thirty-two bytes, or more",
    CHECKOUTS: { get: async () => null },
    LEDGER: namespaceOf(worker.Ledger),
  };
  assert.equal((await worker.default.fetch(new Request("https://broker.example/api/health"), env)).status, 200);
  const bulk = (headers) =>
    worker.default.fetch(
      new Request("https://broker.example/api/v1/orders/bulk", {
        method: "POST",
        headers: {
          origin: "https://shop.example",
          "content-type": "application/json",
          "idempotency-key": '"1"',
          "x-pb-fulfillment-client": "test",
          ...headers,
        },
        body: JSON.stringify({ orders: [{ ...orders(1)[0], clientId: "1234" }] }),
      }),
      env,
    );
  assert.equal((await bulk({})).status, 401);
  const opened = await openSession({ id: "ann" }, env);
  const [cookie] = opened.headers.get("set-cookie").split(";");
  const refused = await bulk({ cookie: `theme=dark; ${cookie}` });
  const { code, errors } = await refused.json();
  assert.deepEqual(
    [refused.status, code, errors],
    [403, "not_approved", [{ detail: "This is not a checkout of yours that is paid.", pointer: "/orders/0" }]],
  );
});

test("Who may use the broker: a program that signs its requests is known, and without a signature it is not", async (t) => {
  t.mock.method(console, "log", () => undefined);
  const { sign } = await import(pathToFileURL(exporting("sign").file));
  const { programs } = await import(pathToFileURL(exporting("programs").file));
  const [secret, asked] = ["a secret of thirty-two bytes, or more", []];
  const bound = { ERP_SECRET: secret, PB_API_KEY: "key", PB_API_SECRET: "secret" };
  const env = { ...bound, TOKEN_VAULT: namespaceOf(programs.TokenVault, bound), LEDGER: namespaceOf(programs.Ledger) };
  t.mock.method(globalThis, "fetch", async (request) => {
    asked.push(new URL(request.url).pathname);
    return request.url.endsWith("/token") ? Response.json({ access_token: "t".repeat(28), expiresIn: "3600" }) : accept(request);
  });
  const { FulfillmentClient } = await import(pathToFileURL(join(built, "index.node.js")));
  const submit = async (how) => {
    const fetch = async (request) => programs.fetch(await how(request), env);
    const client = new FulfillmentClient({ baseURL: "https://broker.example/api", fetch, maxRetries: 0 });
    return (await client.submitOrders([{ ...orders(1)[0], clientId: "1234" }])).results[0];
  };
  const refused = await submit((request) => request);
  assert.deepEqual([refused.outcome, refused.error.code, asked], ["failed", "unauthorized", []]);
  assert.equal((await submit((request) => sign(request, secret))).outcome, "accepted");
  assert.deepEqual(asked, ["/oauth/token", "/shippingservices/fulfillment/v1/orders/bulk"]);
});

test("The outbox: it stores what the shop's Worker hands over, sends it by the alarm and tells the shop", async (t) => {
  const emulator = createEmulator({ credentials: { apiKey: "key", apiSecret: "secret" } });
  t.mock.method(globalThis, "fetch", (request) => emulator.fetch(request));
  const worker = await import(pathToFileURL(exporting("Outbox").file));
  const shop = new Map();
  const env = { PB_API_KEY: "key", PB_API_SECRET: "secret", SHOP: { put: async (key, value) => void shop.set(key, value) } };
  env.TOKEN_VAULT = namespaceOf(worker.TokenVault, env);
  env.OUTBOX = namespaceOf(worker.Outbox, env);
  const body = JSON.stringify({ orders: orders(2) });
  const answer = await worker.default.fetch(new Request("https://outbox.example", { method: "POST", body }), env);
  const receipts = await answer.json();
  assert.deepEqual([answer.status, receipts.map(({ number, state }) => `${number} ${state}`)], [202, ["1 pending", "2 pending"]]);

  const [outbox] = env.OUTBOX.objects.values();
  for (let turn = 0; shop.size < 2 && turn < 100; turn += 1) {
    await wait(100);
    await outbox.alarm();
  }
  const [stored] = await emulator.orders();
  assert.deepEqual(JSON.parse(shop.get(`outcome:${stored.clientOrderId}`)), { outcome: "accepted", orderId: stored.orderId });
});
