// What sends orders, and what it says of them.
import * as pkg from "pb-fulfillment";

declare const result: pkg.OrderResult;
declare const counts: pkg.OutcomeCounts;

takes<pkg.Fetch>(
  fetch,
  () => new Response(),
  async (request) => new Response(request.body),
);
takes<pkg.ClientOptions>(
  { baseURL: "/api" },
  {
    baseURL: new URL("https://shop.example/api"),
    fetch: (request) => fetch(request),
    headers: { authorization: "Bearer 1" },
    timeout: 1,
    deadline: 1,
    maxRetries: 0,
    maxRetryAfter: 0,
    concurrency: 1,
    onAmbiguous: "resend",
    onEvent: ({ type }) => console.log(type),
    severity: { required: "error" },
  },
  { baseURL: "/api", headers: new Headers() },
  { baseURL: "/api", headers: [["authorization", "Bearer 1"]] },
);
// @ts-expect-error Where is the broker?
takes<pkg.ClientOptions>({});
// @ts-expect-error A client has no credentials.
takes<pkg.ClientOptions>({ baseURL: "/api", apiSecret: "secret" });
// @ts-expect-error There is no such way.
takes<pkg.ClientOptions>({ baseURL: "/api", onAmbiguous: "ignore" });
takes<pkg.SubmitOptions>({
  signal: AbortSignal.timeout(1),
  onProgress: ({ done, total }) => console.log(done / total),
  onInvalid: "skip",
  submissionId: "1",
  maxBytes: 1,
  messages: { required: "is missing" },
});
// @ts-expect-error It is the signal that is wanted, not its controller.
takes<pkg.SubmitOptions>({ signal: new AbortController() });
same<ConstructorParameters<typeof pkg.FulfillmentClient>, [options: pkg.ClientOptions]>();
declare const client: pkg.FulfillmentClient;
same<
  pkg.FulfillmentClient["submitOrders"],
  {
    (input: pkg.OrdersStream, options: pkg.SubmitStreamOptions): pkg.StreamSubmission;
    (input: pkg.OrdersInput, options?: pkg.SubmitOptions): Promise<pkg.Submission>;
    (input: pkg.OrdersInput | pkg.OrdersStream, options: pkg.SubmitStreamOptions): Promise<pkg.Submission> | pkg.StreamSubmission;
  }
>();
declare const either: string | ReadableStream<Uint8Array>;
takes<Promise<pkg.Submission> | pkg.StreamSubmission>(client.submitOrders(either, { onInvalid: "skip" }));
// @ts-expect-error What may be a stream is sent as one.
void client.submitOrders(either);
takes<Promise<pkg.SubmissionSummary>>(
  ({} as pkg.StreamSubmission).finally(() => undefined),
  ({} as pkg.StreamSubmission).catch(),
);
takes<Promise<pkg.Submission>>(client.submitOrders("[]"), client.submitOrders([], { onInvalid: "stop" }));
takes<pkg.StreamSubmission>(client.submitOrders(new ReadableStream<Uint8Array>(), { onInvalid: "skip" }));
// @ts-expect-error Orders of a stream are sent before the last of them has been seen.
void client.submitOrders(new ReadableStream<Uint8Array>(), { onInvalid: "stop" });
takes<pkg.SubmitStreamOptions>({ onInvalid: "skip" }, { onInvalid: "skip", maxBytes: 1, submissionId: "1" });
takes<pkg.SubmissionSummary>({ submissionId: "1", orderCount: 1, counts });
same<Awaited<pkg.StreamSubmission>, pkg.SubmissionSummary>();
takes<AsyncIterable<pkg.OrderResult>>({} as pkg.StreamSubmission);
// @ts-expect-error Where is the broker?
void new pkg.FulfillmentClient();
same<typeof pkg.createTransactionId, () => string>();

same<pkg.Outcome, "accepted" | "rejected" | "invalid" | "failed" | "unknown">();
same<pkg.OutcomeCounts, { readonly [outcome in pkg.Outcome]: number }>();
takes<Required<pkg.OrderResult>>({
  orderIndex: 0,
  clientOrderId: "A-1",
  outcome: "accepted",
  orderId: "ORA1US",
  status: "RECEIVED",
  issues: [],
  error: { code: "aborted", message: "was stopped" },
  transactionIds: ["1"],
  attempts: 1,
});
same<pkg.OrderResult["outcome"], pkg.Outcome>();
same<pkg.OrderResult["error"], pkg.OrderError | undefined>();
same<pkg.OrderResult["orderId"], string | undefined>();
takes<Required<pkg.OrderError>>({
  code: "upstream_auth",
  message: "was refused",
  status: 502,
  requestId: "1",
  errors: [{ errorCode: "1" }],
  cause: new Error(),
});
same<pkg.OrderError["code"], pkg.OrderErrorCode>();
takes<pkg.OrderErrorCode>("aborted", "in_doubt", "missing_in_reply");
// @ts-expect-error It is no order that it is told of.
takes<pkg.OrderErrorCode>("wasm_not_found");
takes<pkg.Submission>({ submissionId: "1", results: [result], counts });
same<pkg.Submission["results"], readonly pkg.OrderResult[]>();
takes<pkg.SubmissionProgress>({ submissionId: "1", total: 2, done: 1, counts, batches: { total: 1, done: 0 }, results: [result] });
takes<pkg.SubmissionEvent>(
  { type: "plan", submissionId: "1", firstOrder: 0, clientOrderIds: ["A-1", null], batches: 1 },
  { type: "request", batchId: "1.0", attempt: 1, orders: [0] },
  { type: "response", batchId: "1.0", attempt: 1, status: 200, durationMs: 1, requestId: "1" },
  { type: "failure", batchId: "1.0", attempt: 1, code: "timeout", durationMs: 1 },
  { type: "retry", batchId: "1.0", attempt: 1, code: "timeout", delayMs: 1 },
);
// @ts-expect-error How long is the wait?
takes<pkg.SubmissionEvent>({ type: "retry", batchId: "1.0", attempt: 1, code: "timeout" });
takes<Required<pkg.ProblemDetails>>({
  type: "about:blank",
  title: "Refused",
  status: 422,
  detail: "An order has an error.",
  code: "invalid",
  processed: "no",
  retryable: false,
  requestId: "1",
  errors: [
    { detail: "is missing", pointer: "/orders/0/clientId", code: "required" },
    { detail: "is wrong", pointer: "" },
  ],
  upstream: { status: 400, errors: [] },
});
same<pkg.FulfillmentError["problem"], pkg.ProblemDetails | undefined>();

/** Each outcome has its branch. */
export function text({ outcome, orderId, error, issues }: pkg.OrderResult): string {
  switch (outcome) {
    case "accepted":
      return orderId ?? "";
    case "invalid":
      return (issues ?? []).map(({ message }) => message).join(" ");
    case "rejected":
    case "failed":
    case "unknown":
      return error?.message ?? "";
  }
}
