// Whether what is done again and again grows memory: the same in Node and in a page.

/** A heap that has grown by less has not: a leak of a hundred bytes in each of ten thousand rounds is twice as much. */
export const MOST = 500_000;

/** The WebAssembly memories of whatever is instantiated from here on. */
export function memories() {
  const found = new Set();
  const note = (instance) => {
    for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) found.add(value);
    return instance;
  };
  const { Instance, instantiate, instantiateStreaming } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, { construct: (target, args) => note(new target(...args)) });
  for (const [name, original] of Object.entries({ instantiate, instantiateStreaming })) {
    WebAssembly[name] = async (...args) => {
      const made = await original(...args);
      note(made.instance ?? made);
      return made;
    };
  }
  return { bytes: () => [...found].reduce((sum, memory) => sum + memory.buffer.byteLength, 0) };
}

/**
 * What is done, by name: a round of each. Every way that allocates is among them: issues, mends, drafts, refused orders, lost answers,
 * streams that are read to the end and that are left.
 *
 * @param {typeof import("../../pkg/index.node.js")} pkg
 */
export function rounds({ FulfillmentClient, buildOrder, loadValidator, validateOrders }, order) {
  const good = order();
  const bad = order({ clientOrderId: "", toAddress: { ...good.toAddress, stateProvince: "Maine", postalCode: 4101 }, extra: { a: [1] } });
  const answers = [
    async (request) => {
      const { orders } = await request.json();
      return Response.json({ orders: orders.map(({ clientId, clientOrderId }) => ({ clientId, clientOrderId, orderId: "1" })) });
    },
    async () => Response.json({ orders: [{}] }),
    async () => new Response("no", { status: 400 }),
    () => Promise.reject(new TypeError("no net")),
  ];
  let count = 0;
  const fetch = (request) => answers[count++ % answers.length](request);
  const client = new FulfillmentClient({ baseURL: "https://shop.example/api", fetch, maxRetries: 0 });
  const batch = Array.from({ length: 10 }, (_, index) => order({ clientOrderId: `M-${index}` }));
  return {
    async validation() {
      const validator = await loadValidator();
      const report = validator.validateOrders([good, bad]);
      validator.applyFixes([good, bad], report);
      validator.validateOrder(bad, { messages: { required: "x" } });
      validator.validateOrders("[{");
      await buildOrder({ orderLines: [{ sku: "a", unitPrice: "1.10", orderedQuantity: 2 }] });
    },
    async submission() {
      await client.submitOrders([good, bad], { onInvalid: "skip" });
    },
    async submittedOrders() {
      await client.submitOrders(batch);
    },
    async stream() {
      await validateOrders([good, bad, good].values());
      for await (const part of validateOrders([bad, bad].values())) if (part) break;
      await client.submitOrders(batch.values(), { onInvalid: "skip" });
    },
  };
}

/** How much two measures grow by a round that is done so many times after it was done often enough to have settled. */
export async function growth(round, { warmUp, times, measure }) {
  for (let count = 0; count < warmUp; count += 1) await round();
  const before = await measure();
  for (let count = 0; count < times; count += 1) await round();
  const after = await measure();
  return { heap: after.heap - before.heap, wasm: after.wasm - before.wasm };
}
