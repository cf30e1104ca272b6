// The client through the built package: one outcome for each order, whatever happens.
import assert from "node:assert/strict";
import vm from "node:vm";
import test from "node:test";

import * as breakable from "../../build/breakable/pkg/index.node.js";
import { accept, breaking, client, northwind, order, orders, pkg, rejection } from "./support.mjs";

const { FulfillmentClient, FulfillmentError, isFulfillmentError } = pkg;
const outcomes = ({ results }) => results.map(({ outcome }) => outcome);

test("830 orders are accepted, in input order, and progress tells each once", async () => {
  const told = [];
  const events = [];
  const submission = await client({ onEvent: ({ type }) => events.push(type) }).submitOrders(northwind(), {
    submissionId: "northwind",
    onProgress: ({ results }) => told.push(...results.map(({ orderIndex }) => orderIndex)),
  });
  assert.equal(submission.submissionId, "northwind");
  assert.deepEqual(submission.counts, { accepted: 830, rejected: 0, invalid: 0, failed: 0, unknown: 0 });
  assert.deepEqual(
    submission.results.map(({ orderIndex }) => orderIndex),
    [...Array(830).keys()],
  );
  assert.equal(new Set(told).size, told.length);
  assert.equal(told.length, 830);
  assert.deepEqual([events[0], events.filter((type) => type === "request").length], ["plan", 5]);
});

test("the request is what the broker's contract wants", async () => {
  let seen;
  const fetch = (request) => {
    seen = request.clone();
    return accept(request);
  };
  await client({ fetch, headers: new Headers({ authorization: "Bearer shop" }) }).submitOrders([order()], { submissionId: "s" });
  assert.deepEqual([seen.method, seen.url], ["POST", "https://shop.example/api/v1/orders/bulk"]);
  assert.equal(seen.headers.get("authorization"), "Bearer shop");
  assert.equal(seen.headers.get("content-type"), "application/json");
  assert.equal(seen.headers.get("idempotency-key"), '"s.1"');
  assert.ok(seen.headers.get("x-pb-fulfillment-client"));
  assert.equal(seen.redirect, "manual");
});

test("orders with errors stop all or are skipped", async () => {
  const mixed = [order(), order({ clientOrderId: "" })];
  assert.deepEqual(outcomes(await client().submitOrders(mixed)), ["failed", "invalid"]);
  const skipped = await client().submitOrders(mixed, { onInvalid: "skip", messages: { required: "fehlt" } });
  assert.deepEqual(outcomes(skipped), ["accepted", "invalid"]);
  assert.equal(skipped.results[1].issues[0].message, "fehlt");
  const soft = await client({ severity: { required: "warning" } }).submitOrders(mixed, { onInvalid: "skip" });
  assert.deepEqual(soft.counts.invalid, 0, "the client's own severity holds");
});

test("a mend in an invalid order's issue is a value", async () => {
  const wrong = order({ clientOrderId: "", toAddress: { ...order().toAddress, postalCode: 12345 } });
  const { results } = await client().submitOrders([wrong]);
  assert.deepEqual(results[0].issues.find(({ fix }) => fix).fix, { op: "replace", value: "12345" });
});

test("malformed JSON rejects with the report, and nothing is sent", async () => {
  let sent = 0;
  const fetch = () => (sent += 1);
  const error = await rejection(client({ fetch }).submitOrders('{"orders":[}'));
  assert.ok(error instanceof FulfillmentError && error instanceof Error && isFulfillmentError(error));
  assert.deepEqual([error.code, error.report.issues[0].code, sent], ["invalid_json", "json_syntax", 0]);
  assert.equal((await rejection(client({ fetch }).submitOrders({}))).code, "invalid_input");
});

test("an abort is an outcome: before, in a request, in a wait", async () => {
  const reason = new Error("the user left");
  const before = await client().submitOrders([order()], { signal: AbortSignal.abort(reason) });
  assert.deepEqual([outcomes(before), before.results[0].error.code, before.results[0].error.cause], [["failed"], "aborted", reason]);

  const controller = new AbortController();
  let cut;
  const fetch = (request) =>
    new Promise((_, reject) => {
      cut = request.signal;
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      controller.abort("a text");
    });
  const during = await client({ fetch }).submitOrders([order()], { signal: controller.signal });
  assert.deepEqual([outcomes(during), during.results[0].error.cause, cut.aborted], [["unknown"], "a text", true]);

  const waiting = new AbortController();
  const busy = () => new Response("", { status: 429, headers: { "retry-after": "30" } });
  const pending = client({ fetch: busy, onEvent: ({ type }) => type === "retry" && waiting.abort() }).submitOrders([order()], {
    signal: waiting.signal,
  });
  assert.deepEqual(outcomes(await pending), ["failed"]);
});

test("a fetch of another realm, and one that throws what it likes, end as outcomes with their cause", async () => {
  const foreign = vm.runInNewContext("() => Promise.reject(new Error('of another realm'))");
  for (const fetch of [foreign, () => Promise.reject("text"), () => undefined, () => Promise.resolve({ status: "200" })]) {
    const { results } = await client({ fetch }).submitOrders([order()]);
    assert.equal(results[0].outcome, "unknown");
    assert.ok(results[0].error.message);
  }
  const thrown = new TypeError("no net");
  const { results } = await client({ fetch: () => Promise.reject(thrown) }).submitOrders([order()]);
  assert.deepEqual([results[0].error.code, results[0].error.cause], ["connection", thrown]);
});

test("what a listener throws changes nothing", async (t) => {
  const log = t.mock.method(console, "error", () => {});
  const onEvent = () => {
    throw new Error("in onEvent");
  };
  const onProgress = () => {
    throw new Error("in onProgress");
  };
  assert.deepEqual(outcomes(await client({ onEvent }).submitOrders([order()], { onProgress })), ["accepted"]);
  assert.ok(log.mock.callCount() > 1);
});

test("the global fetch is used by default, and looked up at each call", async (t) => {
  t.mock.method(globalThis, "fetch", accept);
  const { counts } = await new FulfillmentClient({ baseURL: new URL("https://shop.example/api/") }).submitOrders([order()]);
  assert.equal(counts.accepted, 1);
});

test("each wrong option is a TypeError that names it and the remedy", async () => {
  const base = { baseURL: "https://shop.example/api" };
  const constructing = [
    [undefined, /baseURL is missing/],
    [{}, /baseURL is missing/],
    [{ baseURL: 7 }, /baseURL must be a text or a URL/],
    [{ baseURL: "/api" }, /no absolute URL/],
    [{ baseURL: "ftp://a" }, /no absolute URL of http/],
    [{ baseURL: "https://user:pw@a.example" }, /no user name/],
    [{ baseURL: "https://a.example?x" }, /query/],
    [{ ...base, baseUrl: "x" }, /no option baseUrl\. There are: .*baseURL/],
    [{ ...base, clientSecret: "s" }, /no option clientSecret/],
    [{ ...base, fetch: {} }, /fetch must be a function/],
    [{ ...base, headers: "a: b" }, /headers must be an object of texts/],
    [{ ...base, headers: { a: 1 } }, /headers must be/],
    [{ ...base, headers: ["ab"] }, /headers must be/],
    [{ ...base, timeout: 0 }, /timeout must be a whole number from 1/],
    [{ ...base, deadline: "1s" }, /deadline must be/],
    [{ ...base, maxRetries: -1 }, /maxRetries must be/],
    [{ ...base, maxRetryAfter: 2 ** 31 }, /maxRetryAfter must be/],
    [{ ...base, concurrency: 0 }, /concurrency must be/],
    [{ ...base, onAmbiguous: "retry" }, /onAmbiguous must be "report" or "resend", not "retry"/],
    [{ ...base, onEvent: 1 }, /onEvent must be a function/],
    [{ ...base, messages: { required: null } }, /messages/],
  ];
  for (const [options, message] of constructing) {
    assert.throws(
      () => new FulfillmentClient(options),
      (error) => error instanceof TypeError && message.test(error.message),
      String(message),
    );
  }
  const submitting = [
    [{ onInvalid: "ignore" }, /onInvalid must be "stop" or "skip"/],
    [{ signal: new AbortController() }, /controller\.signal/],
    [{ onProgress: true }, /onProgress must be a function/],
    [{ submissionId: "" }, /submissionId must be/],
    [{ maxBytes: -1 }, /maxBytes must be/],
    [{ abort: 1 }, /no option abort/],
    [{ severity: { x: "off" } }, /there is no rule "x"/],
  ];
  for (const [options, message] of submitting) {
    const error = await rejection(client().submitOrders([order()], options));
    assert.ok(error instanceof TypeError && message.test(error.message), `${message}: ${error.message}`);
  }
});

test("after a fault of the package every order still has its outcome", async () => {
  const fetch = breaking(await breakable.engine());
  const submitter = new breakable.FulfillmentClient({ baseURL: "https://shop.example/api", fetch, concurrency: 1 });
  const submission = await submitter.submitOrders(orders(450), { submissionId: "s" });
  assert.deepEqual(submission.counts, { accepted: 200, rejected: 0, invalid: 0, failed: 50, unknown: 200 });
  assert.deepEqual([submission.submissionId, submission.results.length], ["s", 450]);
  const [first, second, third] = [0, 200, 400].map((index) => submission.results[index]);
  assert.equal(first.orderId, "PB-A-1");
  assert.deepEqual([second.error.code, second.attempts, second.clientOrderId], ["internal", 1, "A-201"]);
  assert.match(second.error.message, /look it up/);
  assert.match(third.error.message, /may be submitted again/);
  assert.equal(
    (
      await submitter.submitOrders(
        orders(1).map((order) => order),
        {},
      )
    ).results.length,
    1,
    "and it can be used on",
  );
});
