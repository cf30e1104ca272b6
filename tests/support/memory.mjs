// Whether what is done again and again grows memory: the same in Node and in a page.

/** How often each is done, after it has been done often enough for the engine to have settled. */
const TIMES = 10_000;
const WARM_UP = 2_000;

/**
 * What a round may leave behind at most, in bytes. An engine that compiles and tidies up when it likes moves by a third of that for the
 * heap; the memory of a program grows by pages. An order or an answer that was kept is some hundreds.
 */
const HEAP_A_ROUND = 150;
const WASM_A_ROUND = 50;

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
  const batch = [good, order({ clientOrderId: "M-2" })];
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
    async stream() {
      await validateOrders([good, bad, good].values());
      for await (const part of validateOrders([bad, bad].values())) if (part) break;
      await client.submitOrders(batch.values(), { onInvalid: "skip" });
    },
  };
}

/**
 * Does something again and again, and tells what it leaves behind, and whether that is too much.
 *
 * @param run does it so many times
 * @param measure gives `{ heap, wasm }` in bytes, the garbage collected
 */
export async function grows(run, measure) {
  await run(WARM_UP);
  const before = await measure();
  await run(TIMES);
  const after = await measure();
  const [heap, wasm] = [after.heap - before.heap, after.wasm - before.wasm];
  const told = `the heap grew by ${heap} bytes in ${TIMES} rounds, and the memory of the program by ${wasm} to ${after.wasm}`;
  return { told, grew: after.wasm === 0 || heap > HEAP_A_ROUND * TIMES || wasm > WASM_A_ROUND * TIMES };
}
