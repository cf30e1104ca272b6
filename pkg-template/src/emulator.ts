/** The API itself, emulated: for tests and for development. docs/emulator.md tells what it had to invent. */
import type { Emulator, EmulatorOptions, FaultPlan, StoredOrder } from "./emulator-types.js";
import { askedOf, checkRequest, nextNumber, responseOf, type PlainAnswer } from "./exchange.js";
import { aFunction, checkOptions, nameOf, oneOf, whole } from "./options.js";
import { server } from "./server.js";

export { FulfillmentError, isFulfillmentError, type FulfillmentErrorCode, type FulfillmentErrorDetails } from "./errors.js";
export type * from "./emulator-types.js";
export type * from "./generated/model.js";

const OPTIONS = {
  credentials: (value: unknown) => {
    const { apiKey, apiSecret } = (value ?? {}) as { apiKey?: unknown; apiSecret?: unknown };
    return typeof apiKey === "string" && typeof apiSecret === "string" ? undefined : "must be { apiKey, apiSecret }, two texts.";
  },
  duplicates: oneOf("update", "create"),
  faults: aPlan,
  seed: whole(0),
  now: aFunction,
  tokenLifetime: whole(1),
};

function aPlan(value: unknown): string | undefined {
  return typeof value === "object" && value !== null
    ? undefined
    : `must be an object such as { script: ["throttled"] }, not ${nameOf(value)}.`;
}

/** Where the emulator sets faults and shows its store; the host does not matter. */
const FAULTS = "http://emulator.invalid/emulator/faults";
const ORDERS = "http://emulator.invalid/emulator/orders";

/** Emulators that nobody can reach any more are dropped from the program, where the runtime tells of them. */
const unreachable =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : new FinalizationRegistry<number>((emulator) => {
        const loaded = server();
        if (!(loaded instanceof Promise)) loaded.call("dropEmulator", { emulator });
      });

/**
 * Makes an emulator with an empty store.
 *
 * Throws a TypeError that names the option and the remedy, if an option is misspelt or wrong. In a browser, where the program must be
 * loaded first, a plan of faults that cannot be read is told by the first request.
 */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  checkOptions("createEmulator", options, OPTIONS);
  const { credentials, faults, now, ...rest } = options;
  const plain = {
    emulator: nextNumber(),
    options: { ...rest, ...credentials, faults: faults && JSON.stringify(faults) },
    now: now && (() => Number(now())),
  };
  const loaded = server();
  if (!(loaded instanceof Promise)) loaded.call("checkEmulator", plain);
  // What failed is told to the first request, which loads anew.
  else loaded.catch(() => undefined);

  async function answer(request: Request): Promise<Response> {
    checkRequest("The emulator's fetch", request);
    const body = new Uint8Array(await request.arrayBuffer());
    const call = { ...plain, ...askedOf(request), body };
    const answer = await (await server()).run<(PlainAnswer & { cut?: true }) | undefined>("answerAsEmulator", call);
    if (!answer) throw new TypeError("The emulator has cut the connection.");
    return answer.cut ? cutResponse(answer) : responseOf(answer);
  }

  const emulator: Emulator = {
    fetch: answer,
    async orders() {
      const { orders } = (await (await answer(new Request(ORDERS))).json()) as { orders: StoredOrder[] };
      return orders;
    },
    async clearOrders() {
      await answer(new Request(ORDERS, { method: "DELETE" }));
    },
    async faults() {
      return (await (await answer(new Request(FAULTS))).json()) as FaultPlan;
    },
    async setFaults(plan) {
      const fault = aPlan(plan);
      if (fault) throw new TypeError(`setFaults: the plan ${fault}`);
      const response = await answer(new Request(FAULTS, { method: "PUT", body: JSON.stringify(plan) }));
      if (response.ok) return;
      const { errors } = (await response.json()) as { errors: { errorDescription: string }[] };
      throw new TypeError(`setFaults: ${errors[0]?.errorDescription}.`);
    },
  };
  // What callers keep may be `fetch` alone.
  unreachable?.register(answer, plain.emulator);
  return emulator;
}

/** An answer whose body begins and then errors. */
function cutResponse({ status, headers, body }: PlainAnswer): Response {
  let begun = false;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (begun) controller.error(new TypeError("The emulator has cut the connection."));
      else controller.enqueue(body);
      begun = true;
    },
  });
  return new Response(stream, { status, headers });
}
