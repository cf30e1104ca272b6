// Who is asking a broker: sessions of pages, signed requests of programs, how often they may, and what is kept of it.
import assert from "node:assert/strict";
import { createHash, createHmac, randomUUID } from "node:crypto";
import test from "node:test";

import { SignJWT, jwtVerify } from "jose";

import { FulfillmentClient } from "../../pkg/index.node.js";
import { createBroker, createSessions, createSignedRequests } from "../../pkg/broker.node.js";
import { createEmulator } from "../../pkg/emulator.node.js";
import { orders, Storage } from "./support.mjs";

const ORIGIN = "https://shop.example";
const SECRET = "a secret of thirty-two bytes, or more";
const env = { SECRET };
const secrets = (env) => [{ id: "1", secret: env.SECRET }];
const whom = { subject: "user-7", clientIds: ["1234"], scopes: ["orders:write"] };
const session = { ...whom, origin: ORIGIN };

/** A broker before an emulator, both in this process. */
function brokerOf(options) {
  const credentials = { apiKey: "key", apiSecret: "secret" };
  const emulator = createEmulator({ credentials, seed: 7 });
  const quiet = { log: () => undefined, onHookError: () => undefined };
  return createBroker({
    upstream: () => emulator,
    credentials: () => credentials,
    allowedOrigins: [ORIGIN],
    allowMissingOrigin: true,
    authorize: () => whom,
    approveOrders: () => [],
    ...quiet,
    ...options,
  });
}

let keys = 0;
const bulk = (headers = {}, { origin = ORIGIN, path = "/v1/orders/bulk", body = JSON.stringify({ orders: of(1) }) } = {}) =>
  new Request(`https://broker.example${path}`, {
    method: "POST",
    headers: {
      ...(origin && { origin }),
      "content-type": "application/json",
      "idempotency-key": `"${(keys += 1)}"`,
      "x-pb-fulfillment-client": "test",
      ...headers,
    },
    body,
    ...(body instanceof ReadableStream && { duplex: "half" }),
  });
const of = (count) => orders(count).map((order) => ({ ...order, clientId: "1234" }));

/** Sessions, and the reasons for which requests were refused. */
function sessionsOf(options) {
  const reasons = [];
  return { reasons, sessions: createSessions({ secrets, onRefused: (reason) => reasons.push(reason), ...options }) };
}

test("a page sends orders by a session, in the header or in a cookie, and from its own origin only", async () => {
  const { sessions, reasons } = sessionsOf({ cookie: "__Host-pbf" });
  const broker = brokerOf({ authorize: sessions.authorize });
  const issued = await sessions.issue(session, env);
  const status = async (headers, how) => (await broker.fetch(bulk(headers, how), env)).status;
  const bearer = { authorization: `Bearer ${issued.token}` };
  assert.equal(await status(bearer), 200);
  assert.ok(issued.expiresAt > Date.now() && issued.expiresAt <= Date.now() + 900_000);
  const [cookie, ...attributes] = sessions.setCookie(issued).split("; ");
  assert.equal(await status({ cookie: `theme=dark; ${cookie}` }), 200);
  assert.deepEqual(
    attributes.filter((attribute) => !attribute.startsWith("Max-Age=")),
    ["Path=/", "HttpOnly", "SameSite=Strict", "Secure"],
  );
  const age = Number(attributes.find((attribute) => attribute.startsWith("Max-Age=")).slice("Max-Age=".length));
  assert.ok(age > 0 && age <= 900, String(age));
  assert.deepEqual(reasons, []);
  assert.equal(await status(bearer, { origin: null }), 401);
  assert.equal(await status({}), 401);
  assert.equal(await status({ authorization: `Bearer ${issued.token}x` }), 401);
  assert.equal(await status({ cookie: `${cookie}; ${cookie}` }), 401);
  assert.deepEqual(reasons, ["origin", "missing", "signature", "malformed"]);
  // A page that reads from its own origin sends no Origin, but tells so.
  const read = (headers) => sessions.authorize(new Request(`${ORIGIN}/api/status`, { headers: { ...bearer, ...headers } }), env);
  assert.deepEqual(await read({ "sec-fetch-site": "same-origin" }), whom);
  assert.equal(await read({ "sec-fetch-site": "same-site" }), null);
  assert.equal(await read({}), null);
});

test("a session of another server's JWT library is known, and one of ours by that library", async () => {
  const { sessions, reasons } = sessionsOf();
  const broker = brokerOf({ authorize: sessions.authorize });
  const key = new TextEncoder().encode(SECRET);
  const make = (header = {}, claims = {}) =>
    new SignJWT({ scope: "orders:write", client_ids: ["1234"], origin: ORIGIN, ...claims })
      .setProtectedHeader({ alg: "HS256", typ: "pb-fulfillment-session+jwt", kid: "1", ...header })
      .setAudience("pb-fulfillment")
      .setSubject("user-7")
      .setIssuedAt()
      .setExpirationTime("10m")
      .sign(key);
  const status = async (token) => (await broker.fetch(bulk({ authorization: `Bearer ${await token}` }), env)).status;
  assert.equal(await status(make()), 200);
  assert.equal(await status(make({ typ: "JWT" })), 401);
  assert.equal(await status(make({ kid: "2" })), 401);
  assert.equal(await status(make({}, { origin: "https://evil.example" })), 401);
  assert.equal(await status(make({}, { scope: "orders:read" })), 403);
  assert.deepEqual(reasons, ["type", "key", "origin"]);

  const { token } = await sessions.issue(session, env);
  const options = { audience: "pb-fulfillment", typ: "pb-fulfillment-session+jwt", algorithms: ["HS256"], maxTokenAge: "15m" };
  const { payload, protectedHeader } = await jwtVerify(token, key, options);
  assert.deepEqual(
    [payload.sub, payload.client_ids, payload.scope, payload.origin, protectedHeader.kid],
    ["user-7", ["1234"], "orders:write", ORIGIN, "1"],
  );
});

test("secrets are changed one after the other, and what is wrong with them is told to the shop alone", async () => {
  const old = await createSessions({ secrets }).issue(session, env);
  const both = createSessions({
    secrets: () => [
      { id: "2", secret: "another secret of thirty-two bytes" },
      { id: "1", secret: SECRET },
    ],
  });
  const ask = (sessions, { token }) => sessions.authorize(bulk({ authorization: `Bearer ${token}` }), env);
  assert.deepEqual(await ask(both, old), whom);
  assert.equal(await ask(createSessions({ secrets: () => [{ id: "2", secret: "another secret of thirty-two bytes" }] }), old), null);
  const failed = [];
  const short = createSessions({ secrets: () => [{ id: "1", secret: "short" }] });
  const broker = brokerOf({ authorize: short.authorize, onHookError: (part, error) => failed.push(`${part}: ${error.message}`) });
  const answer = await broker.fetch(bulk({ authorization: `Bearer ${old.token}` }), env);
  assert.deepEqual([answer.status, (await answer.json()).code], [500, "hook_failed"]);
  assert.deepEqual(failed, [
    "authorize: createSessions: secrets: the secret of the key 1 has 5 bytes; it must have at least 32, made by chance.",
  ]);
});

test("a session that is wrong is not issued, and the error names what to mend", async () => {
  const sessions = createSessions({ secrets });
  const wrong = (change) =>
    assert.rejects(
      sessions.issue({ ...session, ...change }, env),
      (error) =>
        error instanceof TypeError &&
        Object.keys(change).every((name) => new RegExp(name === "scopes" ? "there is no scope" : name, "i").test(error.message)),
    );
  await wrong({ subject: "" });
  await wrong({ clientIds: [] });
  await wrong({ scopes: ["order:write"] });
  await wrong({ origin: "shop.example" });
  for (const [options, message] of [
    [undefined, /secrets is missing/],
    [{ secrets, tll: 1 }, /no option tll/],
    [{ secrets, ttl: 5 }, /ttl must be a whole number from 1000/],
    [{ secrets, cookie: "a b" }, /cookie must be the name/],
  ]) {
    assert.throws(() => createSessions(options), message);
  }
  assert.throws(() => sessions.setCookie({ token: "a", expiresAt: 0 }), /cookie is missing/);
  assert.throws(
    () => createSessions({ secrets, cookie: "__Host-a" }).setCookie({ token: "a", expiresAt: 0 }, { secure: false }),
    /https only/,
  );
});

/** The request as a program signs it, by the description alone. */
async function sign(request, { secret = SECRET, nonce = randomUUID(), created = Math.floor(Date.now() / 1000) } = {}) {
  const body = Buffer.from(await request.clone().arrayBuffer());
  const headers = new Headers(request.headers);
  if (request.body) headers.set("Content-Digest", `sha-256=:${createHash("sha256").update(body).digest("base64")}:`);
  const { host, pathname, search } = new URL(request.url);
  const fields = ["content-digest", "content-type", "idempotency-key", "x-pb-fulfillment-resend"].filter((name) => headers.has(name));
  const lines = [
    ["@method", request.method],
    ["@authority", host],
    ["@path", pathname],
    ...(search ? [["@query", search]] : []),
    ...fields.map((name) => [name, headers.get(name)]),
  ];
  const list = lines.map(([name]) => `"${name}"`).join(" ");
  const parameters = `(${list});created=${created};nonce="${nonce}";keyid="erp";tag="pb-fulfillment"`;
  const text = [...lines, ["@signature-params", parameters]].map(([name, value]) => `"${name}": ${value}`).join("\n");
  headers.set("Signature-Input", `sig=${parameters}`);
  headers.set("Signature", `sig=:${createHmac("sha256", secret).update(text).digest("base64")}:`);
  return new Request(request.url, { method: request.method, headers, ...(request.body && { body }) });
}

function signedBroker(options) {
  const [reasons, used] = [[], new Set()];
  const signed = createSignedRequests({
    signers: (env) => [{ ...whom, id: "erp", secret: env.SECRET }],
    nonces: () => ({ use: (text) => used.size < used.add(text).size }),
    onRefused: (reason) => reasons.push(reason),
    ...options,
  });
  return { reasons, used, signed, broker: brokerOf({ authorize: signed.authorize }) };
}

test("a program sends orders by signed requests, each attempt signed anew", async () => {
  const { broker, reasons, used } = signedBroker();
  const client = new FulfillmentClient({
    baseURL: "https://broker.example",
    onAmbiguous: "resend",
    fetch: async (request) => broker.fetch(await sign(request), env),
  });
  const { counts } = await client.submitOrders(of(2));
  assert.equal(counts.accepted, 2);
  assert.deepEqual([reasons, used.size], [[], 1]);
});

test("a signed request is taken once, in its time, with its own body", async () => {
  const { broker, reasons } = signedBroker();
  const answer = async (request) => {
    const response = await broker.fetch(await request, env);
    return [response.status, (await response.json()).code];
  };
  const good = await sign(bulk({}, { origin: null }));
  assert.deepEqual(await answer(good.clone()), [200, undefined]);
  assert.deepEqual(await answer(good.clone()), [401, "unauthorized"]);
  const now = Math.floor(Date.now() / 1000);
  assert.deepEqual(await answer(sign(bulk(), { created: now - 400 })), [401, "unauthorized"]);
  assert.deepEqual(await answer(sign(bulk(), { created: now + 100 })), [401, "unauthorized"]);
  assert.deepEqual(await answer(sign(bulk(), { secret: "another secret of thirty-two bytes" })), [401, "unauthorized"]);
  assert.deepEqual(await answer(bulk()), [401, "unauthorized"]);
  assert.deepEqual(reasons, ["replayed", "expired", "not_yet_valid", "signature", "missing"]);
  const { headers, url } = await sign(bulk());
  const other = JSON.stringify({ orders: of(2) });
  assert.deepEqual(await answer(new Request(url, { method: "POST", headers, body: other })), [400, "content_digest"]);
});

test("a request without a body is signed with its query", async () => {
  const { signed, reasons } = signedBroker();
  const ask = async (request) => (await signed.authorize(request, env))?.subject;
  const url = "https://broker.example/v1/outbox/dead-letters?clientId=1234&cursor=2";
  const list = await sign(new Request(url));
  assert.equal(await ask(list), "user-7");
  assert.equal(await ask(await sign(new Request(url, { method: "DELETE" }))), "user-7");
  const other = await sign(new Request(url));
  assert.equal(await ask(new Request(url.replace("1234", "5678"), { headers: other.headers })), undefined);
  assert.equal(await ask(new Request(url.split("?")[0], { headers: other.headers })), undefined);
  assert.deepEqual(reasons, ["signature", "components"]);
});

test("the ledger remembers nonces", async () => {
  const entries = new Map();
  const ledger = {
    idFromName: (name) => name,
    get: (name) => ({ begin: async () => ({ begun: entries.has(name) ? "running" : (entries.set(name, true), "send") }) }),
  };
  const { broker, reasons } = signedBroker({ nonces: () => ledger });
  const good = await sign(bulk());
  assert.equal((await broker.fetch(good.clone(), env)).status, 200);
  assert.equal((await broker.fetch(good.clone(), env)).status, 401);
  assert.equal((await broker.fetch(await sign(bulk()), env)).status, 200);
  assert.deepEqual([reasons, entries.size], [["replayed"], 2]);
  assert.throws(() => createSignedRequests({ signers: () => [] }), /nonces is missing/);
});

test("a nonce is kept for longer than its signature holds, however short the ledger keeps", async (t) => {
  for (const [times, age] of [
    [{}, 300_000],
    // Longer than a ledger keeps by default.
    [{ maxAge: 30 * 3_600_000, clockSkew: 3_600_000 }, 30 * 3_600_000],
  ]) {
    const created = 1_800_000_000;
    const skew = times.clockSkew ?? 30_000;
    const [storage, limits] = [new Storage(), times.maxAge ? {} : { ledgerKeep: 1 }];
    const entry = new (brokerOf({ limits }).Ledger)({ id: "0", storage }, env);
    const { signed, reasons } = signedBroker({ ...times, nonces: () => ({ idFromName: (name) => name, get: () => entry }) });
    const request = await sign(bulk(), { created });
    /** What becomes of the request then, after the alarms that were to ring until then. */
    const at = async (ms) => {
      t.mock.timers.setTime(created * 1000 + ms);
      while (storage.alarm !== null && storage.alarm <= Date.now()) {
        storage.alarm = null;
        await entry.alarm();
      }
      return (await signed.authorize(request.clone(), env))?.subject;
    };
    t.mock.timers.enable({ apis: ["Date"] });
    // The earliest and the latest at which the signature holds.
    assert.equal(await at(-skew), whom.subject);
    for (const ms of [0, 40_000, age / 2, age]) assert.equal(await at(ms), undefined);
    assert.deepEqual(reasons, Array(4).fill("replayed"));
    await at(age + 2 * skew + 120_000);
    assert.deepEqual([reasons.at(-1), storage.kept.size, storage.alarm], ["expired", 0, null]);
    t.mock.timers.reset();
  }
});

test("a caller that asks too often is told to wait, and a limiter of the shop counts too", async () => {
  const plain = brokerOf({ rateLimits: { subject: { requests: 2, period: 600_000 } } });
  const statuses = [];
  for (let turn = 0; turn < 3; turn += 1) statuses.push((await plain.fetch(bulk(), env)).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  const wait = Number((await plain.fetch(bulk(), env)).headers.get("retry-after"));
  assert.ok(wait >= 1 && wait <= 300, String(wait));

  const asked = [];
  const limiter = (answer) => () => ({ limit: async ({ key }) => (asked.push(key), answer()) });
  const failed = [];
  const make = (answer) =>
    brokerOf({
      rateLimits: { subject: { period: 60_000, limiter: limiter(answer) }, address: { limiter: limiter(() => ({ success: true })) } },
      onHookError: (part, error) => failed.push(`${part}: ${error.message}`),
    });
  const refused = await make(() => ({ success: false })).fetch(bulk({ "cf-connecting-ip": "192.0.2.7" }), env);
  assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "60"]);
  assert.deepEqual(asked, ["address:192.0.2.7", "subject:user-7"]);
  const broken = make(() => {
    throw new Error("the limiter is down");
  });
  assert.equal((await broken.fetch(bulk(), env)).status, 200, "a limiter that fails keeps nobody out");
  assert.deepEqual(failed, ["rateLimits: the limiter is down"]);

  const free = brokerOf({ rateLimits: { subject: null, address: undefined } });
  for (let turn = 0; turn < 105; turn += 1) assert.equal((await free.fetch(bulk({}, { body: "{" }), env)).status, 400);
  assert.throws(() => brokerOf({ rateLimits: { subjects: {} } }), /no option subjects/);
  assert.throws(() => brokerOf({ rateLimits: { subject: { requests: 0 } } }), /requests must be a whole number from 1/);
});

test("a record of each request is kept, and one that cannot be kept loses no order", async () => {
  const [kept, waits, failed] = [[], [], []];
  let keep;
  const answered = new Promise((resolve) => (keep = resolve));
  const broker = brokerOf({
    audit: async (record) => {
      await answered;
      kept.push(record);
    },
  });
  const context = { waitUntil: (promise) => waits.push(promise) };
  const answer = await broker.fetch(bulk(), env, context);
  assert.deepEqual([answer.status, kept.length], [200, 0], "the answer does not wait for it");
  keep();
  await Promise.all(waits);
  const { at, requestId, transactionIds, ...rest } = kept[0];
  assert.ok(Math.abs(at - Date.now()) < 60_000);
  assert.deepEqual([requestId, transactionIds.join(", ")], [answer.headers.get("x-request-id"), answer.headers.get("x-pb-transactionid")]);
  assert.deepEqual(rest, {
    subject: "user-7",
    route: "/v1/orders/bulk",
    status: 200,
    outcome: "answered",
    orders: of(1).map(({ clientId, clientOrderId }) => ({ clientId, clientOrderId })),
    sent: 1,
    replayed: false,
  });
  for (const audit of [
    () => {
      throw new Error("no disk");
    },
    async () => Promise.reject(new Error("no disk")),
  ]) {
    const broken = brokerOf({ audit, onHookError: (part, error) => failed.push(`${part}: ${error.message}`) });
    assert.equal((await broken.fetch(bulk(), env)).status, 200);
  }
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(failed, ["audit: no disk", "audit: no disk"]);
});

test("what needs no body is refused before any of it is read, and a query makes another route", async () => {
  const broker = brokerOf({
    allowMissingOrigin: false,
    rateLimits: { subject: { requests: 1, period: 600_000 } },
    authorize: (request) => {
      const scopes = request.headers.get("x-scopes");
      return scopes === null ? null : { ...whom, subject: request.headers.get("x-subject") ?? "a", scopes: [scopes] };
    },
  });
  const known = { "x-scopes": "orders:write" };
  assert.equal((await broker.fetch(bulk({ ...known, "x-subject": "limited" }), env)).status, 200);
  for (const [expected, headers, how] of [
    [404, known, { path: "/v1/orders/bulk/" }],
    [404, known, { path: "/v1/orders/bulk?x=1" }],
    [403, known, { origin: "https://evil.example" }],
    [403, known, { origin: null }],
    [403, { ...known, "x-pb-fulfillment-client": " " }],
    [415, { ...known, "content-type": "text/plain" }],
    [400, { ...known, "idempotency-key": "a b" }],
    [400, { ...known, "content-digest": "md5=:AAAA:" }],
    [401, {}],
    [403, { "x-scopes": "orders:read", "x-subject": "c" }],
    [413, { ...known, "x-subject": "b", "content-length": "99999999" }],
    [429, { ...known, "x-subject": "limited" }],
  ]) {
    let pulled = 0;
    const body = new ReadableStream(
      { pull: (controller) => ((pulled += 1), controller.enqueue(new Uint8Array(10))) },
      { highWaterMark: 0 },
    );
    const answer = await broker.fetch(bulk(headers, { ...how, body }), env);
    assert.deepEqual([answer.status, pulled], [expected, 0], JSON.stringify(headers));
  }
});
