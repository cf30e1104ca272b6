// Streams through the built package: parts as they are known, bounded memory, sources that are closed, one outcome for each order.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import test from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import * as breakable from "../../build/breakable/pkg/index.node.js";
import { accept, breaking, client, order, orders, pkg, rejection } from "./support.mjs";

const { FulfillmentError, isFulfillmentError, loadValidator, validateOrders } = pkg;
const validator = await loadValidator();
const utf8 = (text) => new TextEncoder().encode(text);
const lines = (orders) => orders.map((order) => `${JSON.stringify(order)}\n`).join("");
const bad = order({ clientOrderId: "" });

/** The bytes in pieces of a size. */
function* pieces(text, size) {
  const bytes = utf8(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

async function gathered(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** A source that tells what is done to it. `give` makes a value of a number, or nothing at the end. */
function source(give, { as = "iterator" } = {}) {
  const seen = { asked: 0, closed: 0 };
  const next = async () => {
    const value = await give(seen.asked++);
    return { done: value === undefined, value };
  };
  if (as === "iterator") {
    const stream = {
      next,
      return: async () => ((seen.closed += 1), { done: true, value: undefined }),
      [Symbol.asyncIterator]: () => stream,
    };
    return { stream, seen };
  }
  const stream = new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void (seen.closed += 1),
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

test("every kind of stream has the report of the whole", async () => {
  const list = [order(), bad, order({ clientOrderId: "é😀" }), order(), order({ isGift: "yes" })];
  const whole = validator.validateOrders(list);
  const text = JSON.stringify(list);
  const streams = {
    "bytes of a list": () => pieces(text, 100),
    "text of a list, cut within a character": () => [...text.matchAll(/[^]{1,7}/g)].map(([piece]) => piece).values(),
    "bytes of NDJSON": () => pieces(lines(list), 999),
    "lines without their ends": () => Readable.from(list.map((order) => JSON.stringify(order))),
    "orders, at once": () => list.values(),
    "orders, one by one": () => Readable.from(list),
    "a ReadableStream of bytes": () => new Blob([text]).stream(),
    "a ReadableStream of orders": () => ReadableStream.from(list),
    "a Node stream": () => Readable.from([Buffer.from(text)]),
  };
  for (const [name, open] of Object.entries(streams)) {
    assert.deepEqual(await validateOrders(open()), whole, name);
    const parts = await gathered(validateOrders(open()));
    assert.deepEqual(
      parts.flatMap((part) => part.issues),
      whole.issues,
      name,
    );
    let next = 0;
    for (const { firstOrder, orderCount } of parts) {
      assert.equal(firstOrder, next, name);
      next += orderCount;
    }
  }
  const { issues } = await validateOrders(pieces(JSON.stringify({ orders: list, extra: 1 }), 50));
  assert.deepEqual([issues[0].pointer, issues.at(-1).pointer], ["/orders/1/clientOrderId", "/extra"]);
});

test("a loop hears of a part before the next chunk is asked for, and then the whole is known", async () => {
  const { stream, seen } = source((index) => (index < 50 ? lines([order({ clientOrderId: String(index) }), bad]) : undefined));
  const report = validateOrders(stream, { maxIssues: 20 });
  await turn();
  assert.equal(seen.asked, 0, "nothing is read before somebody waits for it");
  let parts = 0;
  for await (const { orderCount, errorCount, issues } of report) {
    parts += 1;
    assert.deepEqual([orderCount, errorCount, issues.length, seen.asked], [2, 1, 1, parts]);
  }
  const { issues, ...whole } = await report;
  assert.deepEqual(whole, { valid: false, orderCount: 100, errorCount: 50, warningCount: 0, truncated: true });
  assert.equal(issues.length, 20, "the whole lists no more than it may");
  assert.equal(issues[19].orderIndex, 39);
});

test("who awaits the whole beside a loop takes nothing from it", async () => {
  const gives = () => source((index) => (index < 1000 ? order({ clientOrderId: `A-${index + 1}` }) : undefined));
  const submission = client().submitOrders(gives().stream, { onInvalid: "skip" });
  const [summary, results] = await Promise.all([submission, gathered(submission)]);
  assert.deepEqual([summary.orderCount, results.length], [1000, 1000]);
  const report = validateOrders(gives().stream);
  const [parts, whole] = await Promise.all([gathered(report), report]);
  assert.deepEqual([whole.orderCount, parts.reduce((sum, { orderCount }) => sum + orderCount, 0)], [1000, 1000]);

  const awaited = validateOrders(gives().stream);
  const first = awaited.then(({ orderCount }) => orderCount);
  const late = await rejection(gathered(awaited));
  assert.ok(late instanceof TypeError && /begin the loop first/.test(late.message), late.message);
  assert.equal(await first, 1000);
});

test("the whole ends as the loop did: with its error, with what was sent, or without a verdict", async () => {
  const failing = () => source((index) => (index < 2 ? order() : Promise.reject(new Error("no net")))).stream;
  for (const open of [() => validateOrders(failing()), () => client().submitOrders(failing(), { onInvalid: "skip" })]) {
    const reading = open();
    const error = await rejection(gathered(reading));
    assert.equal(error.code, "stream_cut");
    assert.equal(await rejection(reading), error, "the same error");
    assert.equal(await reading.catch((error) => error), error);
  }
  const left = validateOrders(source(() => order()).stream);
  for await (const { orderCount } of left) if (orderCount > 0) break;
  const { code, message } = await rejection(left);
  assert.deepEqual([code, /the loop over them was left/.test(message)], ["stream_cut", true]);
  const unread = validateOrders(source(() => order()).stream);
  await unread[Symbol.asyncIterator]().return();
  assert.equal((await rejection(unread)).code, "stream_cut", "one that was left before its first part");

  const list = validateOrders(pieces(JSON.stringify([order()]), 1e6));
  let ended = 0;
  assert.equal((await list.finally(() => (ended += 1))).valid, true);
  assert.equal(ended, 1);
  await rejection(validateOrders(failing()).finally(() => (ended += 1)));
  assert.equal(ended, 2);
});

test("what is no text, no bytes and no order is refused with what to give instead, not read as an order", async () => {
  for (const [value, message] of [
    [new Blob(["{}"]), /give its bytes/],
    [new Map(), /a Map or Set has no JSON/],
    [Promise.resolve(order()), /a promise was given/],
    [[order()], /one by one \(yield\*\)/],
    [new Uint16Array(2), /as a Uint8Array/],
    [undefined, /of type undefined/],
  ]) {
    const error = await rejection(validateOrders([value].values()));
    assert.ok(error.code === "stream_cut" && error.cause instanceof TypeError, error.message);
    assert.match(error.message, message);
  }
  const { buffer } = utf8(lines([order(), bad]));
  assert.deepEqual(await validateOrders([buffer].values()), validator.validateOrders([order(), bad]), "an ArrayBuffer is bytes");
});

test("text may be cut anywhere, within a pair of surrogates and an escape too", async () => {
  const long = order({ clientOrderId: "😀".repeat(60) });
  const half = JSON.stringify(order()).replace("A-1", "A-\ud83d");
  const escaped = JSON.stringify(order()).replace("A-1", "A-\\\\\ud83d");
  const torn = JSON.stringify(order()).replace("A-1", "A-\\\ud83d");
  for (const text of [JSON.stringify(long), half, escaped, torn]) {
    const whole = await validateOrders([text].values());
    for (const size of [1, 2, 3]) {
      const units = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));
      assert.deepEqual(await validateOrders(units.values()), whole, `${text} by ${size}`);
    }
  }
  assert.deepEqual(await validateOrders([JSON.stringify(long)].values()), validator.validateOrders([long]));
  const { issues } = await validateOrders(["{}\n\ud83d"].values());
  assert.equal(issues.at(-1).code, "json_syntax", "half a pair at the end is still told");
});

test("a stream that somebody else reads is refused, and one whose options are wrong is left as it was", async () => {
  const locked = new Blob(["[]"]).stream();
  locked.getReader();
  for (let time = 0; time < 3; time += 1) assert.ok((await rejection(validateOrders(locked))) instanceof TypeError);
  const free = new Blob(["[]"]).stream();
  await rejection(validateOrders(free, { severity: { x: "off" } }));
  assert.equal(free.locked, false);
});

test("what is not JSON is told with its place: of one line in NDJSON, of all that follows in a list", async () => {
  const ndjson = await validateOrders(pieces(`${lines([order()])}{"clientId": }\n${lines([bad])}`, 64));
  assert.deepEqual(
    ndjson.issues.map(({ code, orderIndex, position }) => [code, orderIndex, position]),
    [
      ["json_syntax", 1, { line: 2, column: 14 }],
      ["required", 2, undefined],
    ],
  );
  const list = await validateOrders(pieces(`[${JSON.stringify(order())},\n{"a" 1}, 5`, 64));
  assert.deepEqual([list.orderCount, list.issues.length, list.issues[0].position], [1, 1, { line: 2, column: 6 }]);
  const placed = await validateOrders(pieces(lines([order(), bad]), 64), { positions: true });
  assert.equal(placed.issues[0].position.line, 2);
});

test("who leaves the loop or aborts closes the source; one that fails or gives what is no order ends it visibly", async () => {
  for (const as of ["iterator", "stream"]) {
    const endless = () => source((index) => lines([order({ clientOrderId: String(index) })]), { as });
    const left = endless();
    for await (const { orderCount } of validateOrders(left.stream)) if (orderCount === 1) break;
    assert.deepEqual(left.seen, { asked: 1, closed: 1 }, as);

    const controller = new AbortController();
    const aborted = endless();
    const error = await rejection(
      gathered(
        (async function* () {
          for await (const part of validateOrders(aborted.stream, { signal: controller.signal })) {
            if (part.firstOrder === 3) controller.abort(new Error("enough"));
            yield part;
          }
        })(),
      ),
    );
    assert.deepEqual([error.code, error.cause.message, aborted.seen], ["stream_cut", "enough", { asked: 4, closed: 1 }], as);

    const hanging = source(() => new Promise(() => {}), { as });
    const given = new AbortController();
    setTimeout(() => given.abort(), 20);
    assert.equal((await rejection(validateOrders(hanging.stream, { signal: given.signal }))).code, "stream_cut", as);
    assert.equal(hanging.seen.closed, 1, as);

    const failing = source((index) => (index < 2 ? lines([order()]) : Promise.reject(new Error("no net"))), { as });
    const parts = [];
    const failed = await rejection(
      (async () => {
        for await (const part of validateOrders(failing.stream)) parts.push(part);
      })(),
    );
    assert.ok(failed instanceof FulfillmentError && failed.code === "stream_cut" && /no net/.test(failed.message), failed.message);
    assert.deepEqual([parts.length, failed.cause.message, failing.seen.closed], [2, "no net", 0], as);
  }
  const odd = await rejection(validateOrders([order(), undefined].values()));
  assert.ok(odd.code === "stream_cut" && odd.cause instanceof TypeError, odd.message);
  assert.throws(() => validator.validateOrders(new Blob([]).stream()), /a stream is taken by validateOrders of the package/);
  for (const [options, message] of [
    [{ maxOrders: 5 }, /no option maxOrders/],
    [{ signal: 1 }, /signal must be/],
    [{ positions: 1 }, /positions must be true or false/],
    [{ severity: { x: "off" } }, /there is no rule "x"/],
  ]) {
    const error = await rejection(validateOrders(pieces("[]", 1), options));
    assert.ok(error instanceof TypeError && message.test(error.message), error.message);
  }
});

test("the orders of a stream are sent in requests of 200, each with one result", async () => {
  const all = orders(1030);
  all[500] = bad;
  const requests = [];
  const progress = [];
  const fetch = async (request) => {
    const { orders } = await request.clone().json();
    requests.push([request.headers.get("idempotency-key"), orders.length]);
    return accept(request);
  };
  const send = (stream) =>
    client({ fetch }).submitOrders(stream, { onInvalid: "skip", submissionId: "s", onProgress: (told) => progress.push(told) });
  const submission = send(pieces(lines(all), 5000));
  const results = await gathered(submission);
  assert.deepEqual(
    results.map(({ orderIndex }) => orderIndex).sort((a, b) => a - b),
    [...all.keys()],
  );
  for (const { orderIndex, outcome, orderId, issues } of results) {
    if (orderIndex === 500) assert.deepEqual([outcome, issues[0].pointer], ["invalid", "/500/clientOrderId"]);
    else assert.deepEqual([outcome, orderId], ["accepted", `PB-A-${orderIndex + 1}`]);
  }
  const counts = { accepted: 1029, rejected: 0, invalid: 1, failed: 0, unknown: 0 };
  assert.deepEqual(await submission, { submissionId: "s", orderCount: 1030, counts });
  const { results: none, ...last } = progress.at(-1);
  assert.deepEqual(last, { submissionId: "s", total: 1030, done: 1030, counts, batches: { total: 6, done: 6 } });
  assert.equal(progress.flatMap(({ results }) => results).length, 1030);
  const keys = requests.splice(0).sort();
  assert.deepEqual(keys, [
    ['"s.1"', 200],
    ['"s.1001"', 30],
    ['"s.201"', 200],
    ['"s.401"', 199],
    ['"s.601"', 200],
    ['"s.801"', 200],
  ]);
  await send(pieces(JSON.stringify(all), 70_000));
  assert.deepEqual(requests.sort(), keys, "in whatever pieces it comes, the requests are the same");
});

test("the source is read no faster than orders are sent and results are taken", async () => {
  let under = 0;
  let most = 0;
  const fetch = async (request) => {
    most = Math.max(most, (under += 1));
    await turn();
    under -= 1;
    return accept(request);
  };
  const { stream, seen } = source((index) => (index < 5000 ? order({ clientOrderId: String(index) }) : undefined));
  const sent = client({ fetch, concurrency: 2 }).submitOrders(stream, { onInvalid: "skip" });
  let taken = 0;
  for await (const { orderIndex } of sent) {
    taken += 1;
    if (taken % 100 === 0) await turn();
    assert.ok(seen.asked <= orderIndex + 1 + 4 * 200, `${seen.asked} were read when that of ${orderIndex} was taken`);
  }
  assert.deepEqual([taken, most, (await sent).counts.accepted], [5000, 2, 5000]);
});

test("an order that comes again is sent when the earlier one has ended, wherever in the stream it was", async () => {
  const all = orders(1000);
  for (const [again, first] of [
    [250, 10],
    [999, 250],
    [601, 600],
  ])
    all[again] = all[first];
  const under = new Set();
  const fetch = async (request) => {
    const ids = (await request.clone().json()).orders.map(({ clientOrderId }) => clientOrderId);
    for (const id of ids) assert.ok(!under.has(id), `${id} is under way already`);
    ids.forEach((id) => under.add(id));
    await turn();
    ids.forEach((id) => under.delete(id));
    return accept(request);
  };
  const { counts } = await client({ fetch }).submitOrders(pieces(lines(all), 10_000), { onInvalid: "skip" });
  assert.equal(counts.accepted, 1000);
});

test("whatever ends a stream, what was read has its outcome and the error has the counts", async () => {
  const send = (stream, { options, ...more } = {}) => client(options).submitOrders(stream, { onInvalid: "skip", ...more });
  const failing = source((index) => (index < 3 ? lines(orders(100)) : Promise.reject(new Error("no net"))));
  const failed = await rejection(send(failing.stream));
  assert.deepEqual([failed.code, failed.cause.message, failed.submission.orderCount], ["stream_cut", "no net", 200]);

  const malformed = `[${orders(250).map((order) => JSON.stringify(order))}, oops]`;
  const error = await rejection(send(pieces(malformed, 9999)));
  assert.ok(error instanceof FulfillmentError && isFulfillmentError(error));
  assert.deepEqual([error.code, error.report.issues[0].code, error.submission.counts.accepted], ["invalid_json", "json_syntax", 250]);

  const controller = new AbortController();
  const cut = [];
  const fetch = (request) =>
    new Promise((_, reject) => {
      cut.push(request);
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      if (cut.length === 3) controller.abort(new Error("enough"));
    });
  const endless = source((index) => order({ clientOrderId: String(index) }));
  const submission = send(endless.stream, { options: { fetch }, signal: controller.signal });
  const results = [];
  const aborted = await rejection(
    (async () => {
      for await (const result of submission) results.push(result);
    })(),
  );
  assert.deepEqual([aborted.code, aborted.cause.message, endless.seen.closed], ["stream_cut", "enough", 1]);
  assert.equal(results.length, aborted.submission.orderCount);
  assert.deepEqual([aborted.submission.counts.unknown, results.length % 200], [600, 0]);

  const left = source((index) => order({ clientOrderId: String(index) }));
  const leaving = send(left.stream);
  for await (const { outcome } of leaving) if (outcome === "accepted") break;
  assert.equal(left.seen.closed, 1);
  assert.ok((await leaving).orderCount >= 200);

  const late = await rejection(send(source(() => new Promise(() => {})).stream, { options: { deadline: 30 } }));
  assert.match(late.message, /time for the whole submission/);
});

test("to stop at invalid orders cannot be had for a stream, and says so", async () => {
  for (const options of [undefined, {}, { onInvalid: "stop" }]) {
    const { stream, seen } = source(() => order());
    const error = await rejection(client().submitOrders(stream, options));
    assert.ok(error instanceof TypeError && /onInvalid must be "skip" for a stream/.test(error.message), error.message);
    assert.equal(seen.asked, 0);
  }
});

test("after a fault of the package every order that was read has its outcome, and the stream ends with the fault", async () => {
  const fetch = breaking(await breakable.engine());
  const submitter = new breakable.FulfillmentClient({ baseURL: "https://shop.example/api", fetch, concurrency: 1 });
  const results = [];
  const endless = source((index) => order({ clientOrderId: `A-${index + 1}` }));
  const error = await rejection(
    (async () => {
      for await (const result of submitter.submitOrders(endless.stream, { onInvalid: "skip" })) results.push(result);
    })(),
  );
  assert.deepEqual([error.code, endless.seen.closed], ["internal", 1]);
  assert.deepEqual([results[0].orderId, results[200].outcome, results[200].orderIndex], ["PB-A-1", "unknown", 200]);
  assert.equal(error.submission.orderCount, results.length);
  assert.equal((await submitter.submitOrders(orders(1).values(), { onInvalid: "skip" })).counts.accepted, 0, "requests hang still");
});
