/** One order that may be sent, and one that may not. */
export function orders() {
  const order = {
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
  };
  return [order, { ...order, clientOrderId: "" }];
}

/** Client, broker and emulator in one process. */
export async function throughBroker(
  { validateOrders, FulfillmentClient },
  { createBroker },
  { createEmulator },
  env = {},
  vault = undefined,
) {
  const credentials = { apiKey: "key", apiSecret: "secret" };
  const emulator = createEmulator({ credentials });
  const broker = createBroker({
    upstream: () => emulator,
    credentials: () => credentials,
    ...(vault && { vault }),
    allowedOrigins: [],
    allowMissingOrigin: true,
    authorize: () => ({ subject: "me", clientIds: ["100"], scopes: ["orders:write"] }),
    approveOrders: () => [],
    log: () => undefined,
  });
  const client = new FulfillmentClient({ baseURL: "https://broker.test", fetch: (request) => broker.fetch(request, env) });
  return outcome(client, validateOrders);
}

/** What became of the orders, in a few words. */
export async function outcome(client, validateOrders) {
  const [first] = orders();
  const { valid } = await validateOrders([first]);
  const { results } = await client.submitOrders(orders(), { onInvalid: "skip" });
  return { valid, outcomes: results.map((result) => result.outcome), code: results[1].issues[0].code };
}
