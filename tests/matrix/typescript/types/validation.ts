// What checks, builds and mends orders.
import * as pkg from "pb-fulfillment";

declare const order: pkg.Order;
declare const issue: pkg.Issue;
declare const issues: readonly pkg.Issue[];
declare const report: pkg.ValidationReport;
declare const receipts: pkg.BulkOrdersResponse;

takes<pkg.OrdersInput>("[]", new Uint8Array(), [order], [order] as const, { orders: [order] });
// @ts-expect-error One order is no list of them.
takes<pkg.OrdersInput>(order);
// @ts-expect-error Bytes come as a Uint8Array.
takes<pkg.OrdersInput>(new ArrayBuffer(8));
// @ts-expect-error What the API says of orders is not orders.
takes<pkg.OrdersInput>(receipts);
takes<pkg.OrderInput>("{}", new Uint8Array(), order);
// @ts-expect-error A list is more than one.
takes<pkg.OrderInput>([order]);

same<pkg.Severity, "error" | "warning">();
same<pkg.Provenance, "documented" | "sample" | "inferred" | "json" | "package">();
takes<pkg.IssueCode>("required", "postal_code", "json_syntax");
// @ts-expect-error There is no such rule.
takes<pkg.IssueCode>("postalCode");
takes<pkg.Fix>({ op: "remove" }, { op: "replace", value: null });
// @ts-expect-error By what?
takes<pkg.Fix>({ op: "replace" });
// @ts-expect-error There is no such mend.
takes<pkg.Fix>({ op: "add", value: 1 });
takes<Required<pkg.Issue>>({
  severity: "warning",
  code: "country_code",
  message: "Delivery address: country is wrong",
  path: ["orders", 0, "toAddress", "countryCode"],
  pointer: "/orders/0/toAddress/countryCode",
  orderIndex: 0,
  clientOrderId: "A-1",
  expected: "a country code",
  received: "UK",
  help: "Use GB.",
  fix: { op: "replace", value: "GB" },
  position: { line: 1, column: 1 },
  provenance: "inferred",
});
same<pkg.Issue["code"], pkg.IssueCode>();
same<pkg.Issue["fix"], pkg.Fix | undefined>();
same<pkg.Issue["path"], readonly (string | number)[]>();
// @ts-expect-error A report is to be read.
issue.message = "";

takes<pkg.ValidationReport>({ valid: true, orderCount: 1, errorCount: 0, warningCount: 0, truncated: false, issues: [] });
same<pkg.ValidationReport["issues"], readonly pkg.Issue[]>();
// @ts-expect-error A report is to be read.
report.issues.pop();

takes<pkg.Message>("is missing", ({ code, received }) => `${code}: ${received ?? "nothing"}`);
// @ts-expect-error It gives no text.
takes<pkg.Message>(() => 1);
takes<pkg.RuleOptions>(
  {},
  { severity: { postal_code: "error", unknown_field: "off" }, messages: { required: "is missing", too_long: ({ message }) => message } },
);
// @ts-expect-error There is no such severity.
takes<pkg.RuleOptions>({ severity: { postal_code: "info" } });
// @ts-expect-error There is no such rule.
takes<pkg.RuleOptions>({ severity: { postalCode: "error" } });
takes<pkg.ValidateOptions>({ maxIssues: 1, maxBytes: 1, maxOrders: 1, severity: { required: "warning" } });
// @ts-expect-error There is no such option.
takes<pkg.ValidateOptions>({ maxErrors: 1 });

takes<pkg.FieldDescription>({
  name: "postalCode",
  label: "Postal code",
  description: "The code",
  type: "string",
  format: "postal-code",
  required: false,
  reserved: false,
  maxLength: 20,
  maxItems: 1,
  values: ["a"],
  default: "a",
  provenance: "documented",
});
same<pkg.FieldDescription["type"], "string" | "number" | "boolean" | "object" | "array" | "any">();
same<pkg.FieldDescription["maxLength"], number | undefined>();

takes<pkg.OrderDraft>(
  {},
  { createDate: new Date(), shipOnDate: 0, promisedDeliveryDate: "2026-03-01", salesChannel: null },
  { toAddress: { addressLines: "1 Main St\nFlat 3", postalCode: 2110 }, orderLines: [{ unitPrice: "19.90", orderedQuantity: "2" }] },
  order,
);
// @ts-expect-error A draft has no other fields than an order.
takes<pkg.OrderDraft>({ customer: "Ann" });
// @ts-expect-error What is no amount, a boolean is no amount either.
takes<pkg.OrderDraft>({ orderLines: [{ unitPrice: true }] });
takes<pkg.DraftInput>("{}", new Uint8Array(), {}, { clientId: "100" });
takes<pkg.BuildOptions>({ now: new Date() }, { now: Date.now(), severity: { line_total: "off" } });
same<pkg.BuiltOrder, { readonly order: pkg.Order; readonly bytes: Uint8Array; readonly report: pkg.ValidationReport }>();
same<pkg.FixedOrders, { readonly orders: pkg.Order[]; readonly bytes: Uint8Array; readonly applied: number }>();
takes<pkg.BatchOptions>({ maxOrders: 200, submissionId: "1" });
same<pkg.OrderBatch, { readonly batchId: string; readonly body: Uint8Array; readonly orders: readonly number[]; readonly wave: number }>();

/** What a call gives at once once the validator or the builder is loaded, and a promise before. */
type Later<Call extends (...args: never[]) => unknown> = (...args: Parameters<Call>) => Promise<ReturnType<Call>>;
same<typeof pkg.loadValidator, () => Promise<pkg.Validator>>();
same<typeof pkg.loadBuilder, () => Promise<pkg.Builder>>();
same<typeof pkg.describeField, Later<pkg.Validator["describeField"]>>();
same<typeof pkg.buildOrder, Later<pkg.Builder["buildOrder"]>>();
same<typeof pkg.applyFixes, Later<pkg.Validator["applyFixes"]>>();
same<typeof pkg.batchOrders, (input: pkg.OrdersInput, options?: pkg.BatchOptions) => Promise<pkg.OrderBatch[]>>();
same<keyof pkg.Validator, "validateOrders" | "validateOrder" | "applyFixes" | "describeField">();
same<pkg.Builder["buildOrder"], (draft: pkg.DraftInput, options?: pkg.BuildOptions) => pkg.BuiltOrder>();
same<pkg.Validator["validateOrder"], (input: pkg.OrderInput, options?: pkg.ValidateOptions) => pkg.ValidationReport>();
same<pkg.Validator["validateOrders"], (input: pkg.OrdersInput, options?: pkg.ValidateOptions) => pkg.ValidationReport>();
same<
  typeof pkg.validateOrders,
  {
    (input: pkg.OrdersStream, options?: pkg.ValidateStreamOptions): pkg.StreamReport;
    (input: pkg.OrdersInput, options?: pkg.ValidateOptions): Promise<pkg.ValidationReport>;
    (
      input: pkg.OrdersInput | pkg.OrdersStream,
      options?: Pick<pkg.ValidateOptions, "severity" | "messages" | "maxIssues" | "maxBytes">,
    ): Promise<pkg.ValidationReport> | pkg.StreamReport;
  }
>();
async function* generated() {
  yield order;
}
takes<pkg.OrdersStream>(generated(), new ReadableStream<Uint8Array>(), new ReadableStream<string>(), [order].values());
// @ts-expect-error A list is no stream: all of it is there.
takes<pkg.OrdersStream>([order]);
takes<Promise<pkg.ValidationReport>>(pkg.validateOrders([order]), pkg.validateOrders("[]"));
declare const either: string | ReadableStream<Uint8Array>;
takes<Promise<pkg.ValidationReport> | pkg.StreamReport>(pkg.validateOrders(either), pkg.validateOrders(either, { maxIssues: 1 }));
// @ts-expect-error Only a stream has positions.
void pkg.validateOrders(either, { positions: true });
takes<Promise<pkg.ValidationReport>>(
  pkg.validateOrders(generated()).catch(() => pkg.validateOrders([])),
  pkg.validateOrders(generated()).finally(() => undefined),
);
takes<pkg.OrdersStream>(new ReadableStream<ArrayBuffer>());
takes<pkg.StreamReport>(pkg.validateOrders(generated()), pkg.validateOrders(new ReadableStream<Uint8Array>(), { maxIssues: 1 }));
takes<pkg.ValidateStreamOptions>({}, { maxBytes: 1, warnings: false, positions: true, signal: new AbortController().signal });
same<pkg.ReportPart["firstOrder"], number>();
same<Parameters<typeof pkg.applyFixes>[1], pkg.ValidationReport | readonly pkg.Issue[]>();
same<Awaited<ReturnType<typeof pkg.describeField>>, pkg.FieldDescription | undefined>();
void pkg.applyFixes([order], issues);
// @ts-expect-error What is to be mended?
void pkg.applyFixes([order]);
// @ts-expect-error There are no orders.
void pkg.validateOrders();

same<typeof pkg.orderSchema, pkg.SingleOrderSchema>();
same<typeof pkg.bulkOrdersSchema, pkg.OrderSchema<pkg.BulkOrdersRequest>>();
same<pkg.SingleOrderSchema["loadValidator"], () => Promise<pkg.Validator>>();
same<pkg.SingleOrderSchema["loadBuilder"], () => Promise<pkg.Builder>>();
same<pkg.OrderSchema<string>["~standard"]["vendor"], "pb-fulfillment">();
same<ReturnType<pkg.OrderSchema<string>["~standard"]["validate"]>, pkg.SchemaResult<string> | Promise<pkg.SchemaResult<string>>>();
takes<pkg.SchemaResult<string>>({ value: "" }, { issues: [issue, { message: "is wrong" }] });
// @ts-expect-error Neither a value nor an issue.
takes<pkg.SchemaResult<string>>({});

same<
  pkg.FulfillmentErrorCode,
  | "invalid_json"
  | "invalid_input"
  | "stream_cut"
  | "wasm_unreachable"
  | "wasm_not_found"
  | "wasm_blocked"
  | "not_initialized"
  | "unsupported_runtime"
  | "outbox_refused"
  | "internal"
>();
takes<pkg.FulfillmentErrorDetails>({ status: 404, requestId: "1", report, cause: new Error() }, { status: undefined });
same<ConstructorParameters<typeof pkg.FulfillmentError>[0], pkg.FulfillmentErrorCode>();
same<ConstructorParameters<typeof pkg.FulfillmentError>[2], pkg.FulfillmentErrorDetails | undefined>();
takes<Error>(new pkg.FulfillmentError("internal", "A fault", { cause: new Error() }));
same<pkg.FulfillmentError["report"], pkg.ValidationReport | undefined>();
same<typeof pkg.isFulfillmentError, (value: unknown) => value is pkg.FulfillmentError>();

export function told(error: unknown): pkg.FulfillmentErrorCode | undefined {
  return pkg.isFulfillmentError(error) ? error.code : undefined;
}
