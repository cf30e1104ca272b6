// What crosses the broker in workerd, and who gets in: sessions, signatures, counts, paths as they are on the wire.
import assert from "node:assert/strict";
import { createHash, createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import test from "node:test";

import { ORIGIN, SIGNING_SECRET, orders, start } from "./support.mjs";

/** What proxies, browsers and servers act on, as a caller or an API would send it to do harm. */
const HOSTILE = [
  ["cookie", "canary=1"],
  ["forwarded", "for=canary"],
  ["x-forwarded-for", "canary"],
  ["x-forwarded-host", "canary.example"],
  ["x-original-url", "/canary"],
  ["x-http-method-override", "canary"],
  ["x-pb-transactionid", "canary"],
  ["x-pb-unifiederrorstructure", "canary"],
  ["accept-language", "canary"],
  ["user-agent", "canary"],
  ["traceparent", "00-canary"],
  ["x-request-id", "canary"],
];
const FROM_API = [
  ["set-cookie", "canary=1"],
  ["server", "canary"],
  ["location", "https://canary.example"],
  ["access-control-allow-origin", "https://canary.example"],
  ["access-control-allow-credentials", "true"],
  ["clear-site-data", '"canary"'],
  ["refresh", "0; url=https://canary.example"],
  ["link", "<https://canary.example>; rel=preload"],
  ["x-request-id", "canary"],
  ["x-pb-anything", "canary"],
];

test("no header field of a caller reaches the API and none of the API's reaches a caller", async (t) => {
  const shop = start(t);
  await shop.add(FROM_API);
  const answers = [await shop.bulk({ orders: orders() }, Object.fromEntries(HOSTILE))];
  const names = ["accept", "authorization", "content-length", "content-type", "x-pb-transactionid", "x-pb-unifiederrorstructure"];
  const seen = await shop.seen();
  // What workerd itself adds to a request over a binding.
  const own = seen.filter(([name]) => name !== "accept-encoding" && name !== "host");
  assert.deepEqual(own.map(([name]) => name).sort(), names);
  assert.ok(!JSON.stringify(seen).includes("canary"));
  for (const fault of ["server_error", "throttled", "unavailable", "html"]) {
    await shop.setFaults({ script: [fault] });
    answers.push(await shop.bulk({ orders: orders(1, 2) }, Object.fromEntries(HOSTILE)));
  }
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [200, 502, 503, 503, 502],
  );
  for (const answer of answers) {
    assert.ok(!JSON.stringify([...answer.headers]).includes("canary"));
    assert.deepEqual([answer.headers.get("set-cookie"), answer.headers.get("access-control-allow-origin")], [null, ORIGIN]);
  }
});

test("only the exact paths are routes, as they are on the wire", { timeout: 20_000 }, async (t) => {
  const shop = start(t);
  const { hostname, port } = await shop.url();
  const ask = async (target) => {
    const socket = connect(Number(port), hostname);
    const fields = ["Host: shop.example", `Origin: ${ORIGIN}`, "Content-Length: 0", "Connection: close"];
    socket.write(`GET ${target} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`);
    const [head] = await once(socket, "data");
    socket.destroy();
    return Number(/^HTTP\/1\.1 (\d+) /.exec(String(head))[1]);
  };
  assert.equal(await ask("/api/health"), 200);
  assert.equal(await ask("/api/v1/orders/bulk"), 405);
  for (const target of [
    "/api//health",
    "//api/health",
    "/api/health/",
    "/api/health?x=1",
    "/api%2fhealth",
    "/api%5chealth",
    "/api/healt%68",
    "/API/health",
    "/api/Health",
    "/api/health;x",
  ]) {
    assert.equal(await ask(target), 404, target);
  }
  // The runtime resolves these before a Worker sees them, as every URL parser does: there is one URL for all of them.
  for (const target of ["/api/./health", "/api/x/../health", "/api/%2e/health", "/api/x/%2E%2e/health", "/api\\health"]) {
    assert.equal(await ask(target), 200, target);
  }
});

test("what needs no body is refused before any of it is read", async (t) => {
  const shop = start(t);
  const good = {
    origin: ORIGIN,
    "content-type": "application/json",
    "idempotency-key": '"a"',
    "x-pb-fulfillment-client": "test",
    authorization: "Bearer somebody",
  };
  const ask = async (headers, path = "/api/v1/orders/bulk") => {
    const given = Object.entries({ ...good, ...headers }).filter(([, value]) => value !== null);
    return JSON.parse(await shop.test("unread", { path, headers: Object.fromEntries(given) }));
  };
  for (const [status, headers, path] of [
    [404, {}, "/api/v1/orders/bulk/"],
    [403, { origin: "https://evil.example" }],
    [403, { "x-pb-fulfillment-client": null }],
    [415, { "content-type": "text/plain" }],
    [400, { "idempotency-key": null }],
    [400, { "content-digest": "md5=:AAAA:" }],
    [401, { authorization: null }],
    [500, { authorization: "Bearer trouble" }],
    [413, { "content-length": "99999999" }],
  ]) {
    assert.deepEqual(await ask(headers, path), { status, pulled: 0 }, JSON.stringify(headers));
  }
  assert.ok((await ask({})).pulled > 0, "what may go on is read");
});

/** The records of so many requests, once they are kept: no answer waits for that. */
async function recordsOf(shop, count) {
  for (;;) {
    const records = JSON.parse(await shop.test("records"));
    if (records.length >= count) return records;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("a page's session is known by its cookie, at its origin alone", { timeout: 60_000 }, async (t) => {
  const shop = start(t);
  const cookie = (await shop.test("session")).split(";")[0];
  const status = async (headers) => (await shop.bulk({ orders: orders() }, { authorization: "", cookie, ...headers })).status;
  assert.equal(await status({}), 200);
  assert.equal(await status({ cookie: `${cookie}x` }), 401);
  assert.equal(await status({ origin: "https://evil.example" }), 403);
  assert.equal(await status({}), 200);
  const records = await recordsOf(shop, 2);
  assert.deepEqual(
    records.map(({ status, subject, outcome }) => [status, subject, outcome]),
    [
      [200, "user-7", "answered"],
      [200, "user-7", "answered"],
    ],
  );
});

/** The header fields of a signed bulk request. */
function signed(body, nonce = randomUUID()) {
  const lines = [
    ["@method", "POST"],
    ["@authority", "shop.example"],
    ["@path", "/api/v1/orders/bulk"],
    ["content-digest", `sha-256=:${createHash("sha256").update(body).digest("base64")}:`],
    ["content-type", "application/json"],
    ["idempotency-key", `"key-${nonce}"`],
  ];
  const list = lines.map(([name]) => `"${name}"`).join(" ");
  const parameters = `(${list});created=${Math.floor(Date.now() / 1000)};nonce="${nonce}";keyid="erp";tag="pb-fulfillment"`;
  const text = [...lines, ["@signature-params", parameters]].map(([name, value]) => `"${name}": ${value}`).join("\n");
  return {
    ...Object.fromEntries(lines.slice(3)),
    "signature-input": `sig=${parameters}`,
    signature: `sig=:${createHmac("sha256", SIGNING_SECRET).update(text).digest("base64")}:`,
  };
}

test("a signed request is taken once, for the ledger remembers its nonce", async (t) => {
  const shop = start(t);
  const body = JSON.stringify({ orders: orders() });
  const headers = signed(body);
  assert.equal((await shop.bulk(body, headers)).status, 200);
  assert.equal((await shop.bulk(body, headers)).status, 401, "it was replayed");
  const at = await Promise.all([signed(body, "n".repeat(20))].flatMap((headers) => [shop.bulk(body, headers), shop.bulk(body, headers)]));
  assert.deepEqual(at.map((answer) => answer.status).sort(), [200, 401], "of two at once one is new");
  assert.equal((await shop.bulk(JSON.stringify({ orders: orders(1, 2) }), signed(body))).status, 400);
  assert.equal(await shop.bulkCalls(), 2);
});

test("the binding of Cloudflare's Rate Limiting is taken as it is", async (t) => {
  const shop = start(t, { rateLimit: 3 });
  // Three in each minute; a minute may end in between.
  let [passed, answer] = [-1, undefined];
  do {
    passed += 1;
    answer = await shop.bulk({ orders: orders() });
  } while (answer.status === 200 && passed < 7);
  assert.ok(passed >= 3 && passed <= 6, String(passed));
  assert.deepEqual([answer.status, answer.headers.get("retry-after"), (await answer.json()).code], [429, "60", "rate_limited"]);
  assert.equal((await shop.bulk({ orders: orders(1, 2) }, { authorization: "Bearer another" })).status, 200);
});

test("a record tells who had asked when the program died", { timeout: 60_000 }, async (t) => {
  const shop = start(t);
  await shop.breakWhen("sent");
  assert.equal((await shop.bulk({ orders: orders() })).status, 500);
  const [record] = await recordsOf(shop, 1);
  assert.deepEqual([record.subject, record.status, record.code, record.outcome], ["Bearer somebody", 500, "internal", "unknown"]);
});
