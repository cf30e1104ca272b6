// Uses the package as strictly as TypeScript can; it is only compiled.
import {
  FulfillmentClient,
  buildOrder,
  bulkOrdersSchema,
  isFulfillmentError,
  loadBuilder,
  loadValidator,
  orderSchema,
  validateOrders,
  type Issue,
  type IssueCode,
  type Order,
  type OrderDraft,
  type OrderResult,
  type OrdersStream,
  type ReportPart,
  type StreamReport,
  type Submission,
  type SubmissionSummary,
} from "pb-fulfillment";
import { createBroker, type Principal } from "pb-fulfillment/broker";
import { createEmulator } from "pb-fulfillment/emulator";
import { bindForm, type BindFormOptions, type FormBinding, type FormSubmission } from "pb-fulfillment/form";

interface Env {
  readonly KEY: string;
  readonly SECRET: string;
}

export const order: Order = {
  clientId: "100",
  clientOrderId: "A-1",
  inputShippingDetails: { carrier: "PITNEY BOWES", serviceId: "PARCEL" },
  createDate: "2026-03-01T10:00:00Z",
  orderLines: [{ sku: "TEA", orderedQuantity: 2 }],
  toAddress: { name: "Ann Lee", addressLines: ["1 Main St"], countryCode: "US" },
};

export async function check(): Promise<readonly IssueCode[]> {
  const report = await validateOrders([order], { severity: { postal_code: "error" } });
  const validator = await loadValidator();
  const issues: readonly Issue[] = validator.validateOrder(order).issues;
  const outcome = await orderSchema["~standard"].validate(order);
  if (outcome.issues === undefined) outcome.value.clientOrderId.trim();
  return [...report.issues, ...issues].map((issue) => issue.code);
}

export async function send(orders: readonly Order[]): Promise<Submission> {
  const client = new FulfillmentClient({ baseURL: "/api", onAmbiguous: "report" });
  try {
    const submission = await client.submitOrders(orders, { onInvalid: "skip", signal: AbortSignal.timeout(1000) });
    const ids = submission.results.map((result: OrderResult): string => result.orderId ?? result.outcome);
    console.log(ids, submission.counts.accepted);
    return submission;
  } catch (error) {
    if (isFulfillmentError(error)) console.log(error.code, error.status, error.requestId);
    throw error;
  }
}

function* generated(): Generator<Order, void> {
  yield order;
}

export async function streamed(file: Blob, response: Response, texts: AsyncIterable<string>): Promise<SubmissionSummary> {
  const streams: OrdersStream[] = [file.stream(), texts, generated()];
  if (response.body) streams.push(response.body);
  for (const stream of streams) {
    const report: StreamReport = validateOrders(stream, { positions: true, signal: AbortSignal.timeout(1000) });
    for await (const part of report) {
      const { firstOrder, issues }: ReportPart = part;
      console.log(firstOrder, issues[0]?.position?.line);
    }
    const { valid, orderCount } = await report;
    console.log(valid, orderCount.toFixed());
  }
  const client = new FulfillmentClient({ baseURL: "/api" });
  // @ts-expect-error Of a stream, orders with errors cannot stop the others.
  client.submitOrders(generated(), { onInvalid: "stop" });
  // @ts-expect-error And that must be said.
  client.submitOrders(file.stream());
  // @ts-expect-error A number is no order.
  validateOrders([1].values());
  const submission = client.submitOrders(generated(), { onInvalid: "skip" });
  for await (const { outcome } of submission) if (outcome === "unknown") break;
  return submission;
}

export const broker = createBroker<Env>({
  upstream: "sandbox",
  credentials: (env) => ({ apiKey: env.KEY, apiSecret: env.SECRET }),
  allowedOrigins: ["https://shop.example"],
  authorize: (request): Principal | null =>
    request.headers.has("cookie") ? { subject: "somebody", clientIds: ["100"], scopes: ["orders:write"] } : null,
  approveOrders: (_principal, orders) => orders.map((_order, orderIndex) => ({ orderIndex, reason: "not paid" })),
});

export const emulator = createEmulator({ seed: 7 });
export const built = buildOrder({
  clientId: "100",
  clientOrderId: "A-2",
  orderLines: [{ sku: "TEA", unitPrice: "1.50", orderedQuantity: 1 }],
});

export async function rebuilt(drafts: readonly OrderDraft[]): Promise<readonly Order[]> {
  const { buildOrder } = await loadBuilder();
  return drafts.map((draft) => buildOrder(draft).order);
}

// @ts-expect-error an outcome has no such name
export const wrongOutcome = (result: OrderResult): boolean => result.outcome === "sent";
// @ts-expect-error the client has no credentials
export const wrongOption = new FulfillmentClient({ baseURL: "/api", apiSecret: "secret" });
// @ts-expect-error without a clientId it is no order
export const wrongOrder: Order = { ...order, clientId: undefined };

const binding: BindFormOptions = {
  defaults: { clientId: "100", createDate: new Date() },
  build: true,
  severity: { postal_code: "error" },
  fixLabel: (issue: Issue) => `Use ${String(issue.fix?.op)}`,
  onReport: ({ valid }) => console.log(valid),
  onSubmit: async ({ order, json }: FormSubmission) => console.log(order.clientOrderId, json.length, await send([order])),
};

export async function bound(form: HTMLFormElement): Promise<Order> {
  const bound: FormBinding = await bindForm(form, orderSchema, binding);
  // @ts-expect-error A form is one order.
  await bindForm(form, bulkOrdersSchema);
  // @ts-expect-error There is no such option.
  await bindForm(form, orderSchema, { onsubmit: () => undefined });
  return bound.reportValidity() ? bound.order : (await buildOrder(bound.json)).order;
}
