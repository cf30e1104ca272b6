// The validator, the schemas, the builder, fixes and batches through the built package.
import assert from "node:assert/strict";
import test from "node:test";

import { data, northwind, order, orders, pkg, rejection } from "./support.mjs";

const {
  applyFixes,
  batchOrders,
  bulkOrdersSchema,
  buildOrder,
  createTransactionId,
  describeField,
  loadBuilder,
  loadValidator,
  orderSchema,
  validateOrders,
} = pkg;
const validator = await loadValidator();
const codes = (report) => report.issues.map((issue) => issue.code);
const utf8 = (text) => new TextEncoder().encode(text);

test("text, bytes, an object and a list are validated alike", async () => {
  const list = [order({ clientOrderId: "" })];
  for (const input of [
    list,
    { orders: list },
    JSON.stringify(list),
    utf8(JSON.stringify({ orders: list })),
    Buffer.from(JSON.stringify(list)),
  ]) {
    const report = await validateOrders(input);
    assert.deepEqual([report.valid, report.orderCount, report.errorCount, codes(report)], [false, 1, 1, ["required"]]);
  }
});

test("a path begins at the root of the input as it was given", () => {
  const wrong = order({ toAddress: { ...order().toAddress, cityTown: "x".repeat(51) } });
  assert.deepEqual(validator.validateOrders([order(), wrong]).issues[0].path, [1, "toAddress", "cityTown"]);
  assert.deepEqual(validator.validateOrders({ orders: [wrong] }).issues[0].path, ["orders", 0, "toAddress", "cityTown"]);
  const issue = validator.validateOrder(wrong).issues[0];
  assert.deepEqual([issue.path, issue.pointer], [["toAddress", "cityTown"], "/toAddress/cityTown"]);
});

test("the documented sample and 830 real orders have no error", async () => {
  assert.equal((await validateOrders(data("documented-sample.json"))).errorCount, 0);
  const report = await validateOrders(northwind());
  assert.deepEqual([report.errorCount, report.orderCount], [0, 830]);
});

test("text that is not JSON has one issue, with line and column", async () => {
  const report = await validateOrders('{"orders": [\n  }');
  assert.deepEqual([codes(report), report.issues[0].position, report.orderCount], [["json_syntax"], { line: 2, column: 3 }, 0]);
});

test("strange inputs have a clear answer", async () => {
  const half = await validateOrders(JSON.stringify([order()]).replace("Ann", "A\ud83dn"));
  assert.deepEqual(codes(half), ["lone_surrogate"], "half of a surrogate pair in a text");
  assert.deepEqual(codes(await validateOrders([order({ clientOrderId: "\udc00" })])), ["lone_surrogate"], "and in an object");
  assert.equal((await validateOrders(`\ufeff${JSON.stringify([order()])}`)).valid, true, "a byte order mark");
  assert.deepEqual(codes(await validateOrders(new Uint8Array([0x22, 0xff, 0x22]))), ["invalid_utf8"]);
  assert.deepEqual(codes(await validateOrders("[".repeat(10_000))), ["too_deep"]);
  assert.deepEqual(codes(await validateOrders('{"orders":[],"orders":[]}')), ["duplicate_key"]);
  assert.equal((await validateOrders([])).orderCount, 0);
  assert.deepEqual(codes(await validateOrders(null)), ["type"]);
  assert.deepEqual(codes(await validateOrders(7)), ["type"]);
  assert.deepEqual(codes(await validateOrders("x".repeat(10))), ["json_syntax"]);
  assert.deepEqual(codes(await validateOrders([order({ giftMessageText: "y".repeat(10_000_000) })])), ["too_long"]);
  assert.deepEqual(codes(await validateOrders(JSON.stringify([order()]).replace(":2}", ":1e400}"))), ["number_range"]);
});

test("what cannot be orders at all is a TypeError that says what to do", async () => {
  const cyclic = {};
  cyclic.self = cyclic;
  const cases = [
    [undefined, /first argument is missing/],
    [() => 1, /function/],
    [Promise.resolve([]), /await it/],
    [new ArrayBuffer(2), /new Uint8Array\(buffer\)/],
    [new Blob(["[]"]), /arrayBuffer\(\)/],
    [new Response("[]"), /arrayBuffer\(\)/],
    [new Map(), /plain objects/],
    [cyclic, /cannot be written as JSON/],
    [[{ n: 1n }], /BigInt/],
  ];
  for (const [input, message] of cases) {
    const error = await rejection(validateOrders(input));
    assert.ok(error instanceof TypeError, String(message));
    assert.match(error.message, /^validateOrders/);
    assert.match(error.message, message);
  }
});

test("each wrong option is a TypeError that names it and the remedy", async () => {
  const cases = [
    [{ severty: {} }, /no option severty\. There are: severity, messages, maxIssues, maxBytes, maxOrders/],
    [{ maxIssues: -1 }, /maxIssues must be a whole number/],
    [{ maxIssues: "10" }, /maxIssues must be .* not "10"/],
    [{ maxBytes: 1.5 }, /maxBytes must be a whole number/],
    [{ maxOrders: null }, /maxOrders must be .* not null/],
    [{ severity: "off" }, /severity must be an object by rule/],
    [{ severity: { required: "fatal" } }, /severity has for required "fatal"; it must be "error", "warning" or "off"/],
    [{ severity: { requird: "off" } }, /severity: there is no rule "requird"/],
    [{ severity: { json_syntax: "off" } }, /"json_syntax" is always an error/],
    [{ messages: { required: 7 } }, /messages has for required 7; it must be a text or a function/],
    [{ messages: { nothing: "x" } }, /messages: there is no rule "nothing"/],
    [[], /options must be an object/],
    [null, /options must be an object/],
  ];
  for (const [options, message] of cases) {
    const error = await rejection(validateOrders([], options));
    assert.ok(error instanceof TypeError, String(message));
    assert.match(error.message, message);
  }
  assert.equal((await validateOrders([], { maxIssues: undefined })).valid, true, "an option that is undefined is not given");
});

test("severity and messages are the caller's to set", async () => {
  const wrong = [order({ surprise: 1, clientOrderId: "" })];
  const report = await validateOrders(wrong, {
    severity: { unknown_field: "off", required: "warning" },
    messages: { required: (issue) => `${issue.path.at(-1)} fehlt` },
  });
  assert.deepEqual([report.valid, report.issues.length, report.issues[0].message], [true, 1, "clientOrderId fehlt"]);
  assert.equal(
    (await validateOrders(wrong, { messages: { required: "fehlt" } })).issues.find(({ code }) => code === "required").message,
    "fehlt",
  );
});

test("limits cut the list, not the counts", async () => {
  const report = await validateOrders([{}, {}], { maxIssues: 1 });
  assert.deepEqual([report.issues.length, report.truncated, report.errorCount > 5], [1, true, true]);
  assert.deepEqual(codes(await validateOrders([order()], { maxBytes: 10 })), ["too_large"]);
  assert.ok(codes(await validateOrders(orders(3), { maxOrders: 2 })).includes("too_many_orders"));
});

test("a certain mend is a value, and applying it makes the issue go", async () => {
  const wrong = [order({ toAddress: { ...order().toAddress, postalCode: 12345 } })];
  const report = await validateOrders(wrong);
  const issue = report.issues.find(({ fix }) => fix);
  assert.deepEqual(issue.fix, { op: "replace", value: "12345" });
  const fixed = await applyFixes(wrong, report);
  assert.equal(fixed.applied, 1);
  assert.equal(fixed.orders[0].toAddress.postalCode, "12345");
  assert.deepEqual((await validateOrders(fixed.bytes)).issues, []);
  assert.equal((await applyFixes(wrong, [])).applied, 0, "none is applied that was not chosen");
  assert.equal(
    (await applyFixes({ orders: wrong }, (await validateOrders({ orders: wrong })).issues)).orders[0].toAddress.postalCode,
    "12345",
  );
  assert.match((await rejection(applyFixes(wrong, { issues: 1 }))).message, /list of its issues/);
});

test("a field is described by its path or that of an issue", async () => {
  const field = await describeField("toAddress.postalCode");
  assert.deepEqual([field.label, field.maxLength, field.required, field.format], ["Postal code", 20, false, "postal-code"]);
  assert.deepEqual(validator.describeField(["orders", 3, "toAddress", "postalCode"]), field);
  assert.deepEqual(validator.describeField("orderHandling").values, ["X", "R", "E"]);
  assert.equal(await describeField("toAddress.zip"), undefined);
});

test("an order is built of what a storefront has", async () => {
  const { order: built, report } = await buildOrder(
    {
      ...order(),
      createDate: undefined,
      shipOnDate: new Date("2026-03-02T00:00:00Z"),
      orderLines: [
        { sku: "A", orderedQuantity: 3, unitPrice: "19.90" },
        { sku: "B", orderedQuantity: 1, unitPrice: 0.1 + 0.2 },
      ],
      orderCharges: { orderCurrency: "USD", shippingAmount: "5" },
    },
    { now: new Date("2026-03-01T10:00:00Z") },
  );
  assert.deepEqual([built.createDate, built.shipOnDate], ["2026-03-01T10:00:00Z", "2026-03-02T00:00:00Z"]);
  assert.deepEqual(
    built.orderLines.map(({ lineId, lineTotal }) => [lineId, lineTotal]),
    [
      [1, 59.7],
      [2, 0.3],
    ],
  );
  assert.equal(built.orderCharges.totalOrderAmount, 65);
  assert.deepEqual(report.issues, []);
  assert.equal((await buildOrder({})).report.valid, false, "what lacks is in the report");
  const text = '{"orderLines":[{"sku":"TEA","unitPrice":19.90,"orderedQuantity":1}]}';
  for (const draft of [text, new TextEncoder().encode(text)]) {
    const { order, bytes } = await buildOrder(draft);
    assert.match(new TextDecoder().decode(bytes), /"unitPrice":19\.90,/, "the digits are as they were given");
    assert.equal(order.orderLines[0].unitPrice, 19.9);
  }
  assert.match((await rejection(buildOrder({}, { now: "soon" }))).message, /now must be a Date/);
});

test("a builder that is loaded gives at once what buildOrder gives later, and throws what that rejects with", async () => {
  const builder = await loadBuilder();
  const draft = { ...order(), createDate: undefined, orderLines: [{ sku: "TEA", unitPrice: "19.90", orderedQuantity: 3 }] };
  const options = { now: 0, severity: { postal_code: "off" }, messages: { required: "fehlt" } };
  for (const input of [draft, JSON.stringify(draft), {}]) {
    assert.deepEqual(builder.buildOrder(input, options), await buildOrder(input, options));
  }
  for (const call of [[], ["{"], [{}, null], [{}, { now: "soon" }], [{}, { today: 0 }], [{}, { severity: { requird: "off" } }]]) {
    assert.throws(() => builder.buildOrder(...call), await rejection(buildOrder(...call)));
  }
});

test("batches are made of the very bytes, 200 orders at most", async () => {
  const text = `[${orders(201)
    .map((order) => JSON.stringify(order).replace(":2}", ":2.00}"))
    .join(" , ")}]`;
  const batches = await batchOrders(text, { submissionId: "s" });
  assert.deepEqual(
    batches.map(({ batchId, orders, wave }) => [batchId, orders.length, wave]),
    [
      ["s.1", 200, 0],
      ["s.2", 1, 0],
    ],
  );
  assert.ok(batches[0].body instanceof Uint8Array);
  assert.ok(new TextDecoder().decode(batches[1].body).includes(":2.00}"));
  assert.equal((await batchOrders([order(), order()])).length, 2, "the second of the same ids waits");
  assert.deepEqual(await batchOrders([]), []);
  const error = await rejection(batchOrders("[{]"));
  assert.deepEqual([error.code, error.report.issues[0].code], ["invalid_json", "json_syntax"]);
  assert.equal((await rejection(batchOrders("7"))).code, "invalid_input");
  assert.match((await rejection(batchOrders([], { maxOrders: 0 }))).message, /maxOrders must be/);
  assert.match((await rejection(batchOrders([], { submissionId: "a b" }))).message, /submissionId must be/);
});

test("transaction ids have the documented form and differ", () => {
  const ids = new Set(Array.from({ length: 1000 }, createTransactionId));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{25}$/);
});

test("the schemas keep to the Standard Schema", async () => {
  const standard = orderSchema["~standard"];
  assert.deepEqual([standard.version, standard.vendor], [1, "pb-fulfillment"]);
  const good = order();
  assert.equal((await standard.validate(good)).value, good, "the value itself comes out");
  const bad = standard.validate(order({ clientOrderId: "x".repeat(51) }));
  assert.ok(!(bad instanceof Promise), "at once, when loaded");
  assert.deepEqual([bad.issues.length, bad.issues[0].path], [1, ["clientOrderId"]]);
  for (const odd of [undefined, 1n, Symbol("s"), () => 1, "text", null, 7]) assert.equal((await standard.validate(odd)).issues.length, 1);
  const bulk = bulkOrdersSchema["~standard"];
  assert.equal((await bulk.validate({ orders: orders(200) })).issues, undefined);
  assert.equal((await bulk.validate({ orders: orders(201) })).issues[0].code, "too_many_orders");
});

test("the schemas give their JSON Schema", () => {
  const { jsonSchema } = orderSchema["~standard"];
  const schema = jsonSchema.input({ target: "draft-2020-12" });
  assert.equal(schema.title, "Order");
  assert.ok(schema.required.includes("clientOrderId"));
  assert.ok(!JSON.stringify(jsonSchema.output({ target: "draft-07" })).includes("$defs"));
  assert.throws(() => jsonSchema.input({ target: "openapi-3.0" }), /draft-2020-12/);
});
