/** A small order without an issue. */
export function order(changes = {}) {
  return {
    clientId: "100",
    clientOrderId: "A-1",
    inputShippingDetails: { carrier: "PITNEY BOWES", serviceId: "PARCEL" },
    createDate: "2026-03-01T10:00:00Z",
    orderLines: [{ sku: "TEA", orderedQuantity: 2 }],
    toAddress: {
      name: "Ann Lee",
      addressLines: ["1 Main St"],
      cityTown: "Boston",
      stateProvince: "MA",
      postalCode: "02110",
      countryCode: "US",
    },
    ...changes,
  };
}

/** Two orders that may be sent, and between them one that may not. */
export const orders = () => [order(), order({ clientOrderId: "" }), order({ clientOrderId: "A-2" })];

/** A broker with the emulator behind it, in one process. */
export function brokerOf({ createBroker }, { createEmulator }, options = {}) {
  const credentials = { apiKey: "key", apiSecret: "secret" };
  const emulator = createEmulator({ credentials });
  return createBroker({
    upstream: () => emulator,
    credentials: () => credentials,
    allowedOrigins: [],
    allowMissingOrigin: true,
    authorize: () => ({ subject: "me", clientIds: ["100"], scopes: ["orders:write"] }),
    approveOrders: () => [],
    log: () => undefined,
    ...options,
  });
}

/** Sends the orders through a broker. */
export function throughBroker({ validateOrders, FulfillmentClient }, broker, env = {}) {
  return outcome(new FulfillmentClient({ baseURL: "https://broker.test", fetch: (request) => broker.fetch(request, env) }), validateOrders);
}

/** What became of the orders, as far as a test wants to know it. */
export async function outcome(client, validateOrders) {
  const [first] = orders();
  const { valid } = await validateOrders([first]);
  const { submissionId, counts, results } = await client.submitOrders(orders(), { onInvalid: "skip" });
  return {
    valid,
    submissionId,
    counts,
    outcomes: results.map((result) => result.outcome),
    orderIds: results.map((result) => result.orderId ?? null),
    code: results[1].issues[0].code,
  };
}
