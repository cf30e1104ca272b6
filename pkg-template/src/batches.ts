/** Orders, divided into the requests that they are sent in. */
import { build } from "#core";

import { core } from "./core.js";
import { createUuid } from "./ids.js";
import { toBytes } from "./input.js";
import { checkOptions, submissionId, whole } from "./options.js";
import { withReadyReport } from "./reports.js";
import type { BatchOptions, OrderBatch, OrdersInput } from "./types.js";

const BATCH = { maxOrders: whole(1), submissionId };

/** Divides orders into requests of at most 200, as they are: with or without errors. Rejects if the input is no list of orders. */
export async function batchOrders(input: OrdersInput, options: BatchOptions = {}): Promise<OrderBatch[]> {
  checkOptions("batchOrders", options, BATCH);
  const { maxOrders: size, submissionId = createUuid() } = options;
  const call = { input: toBytes(input, "batchOrders"), size, submissionId };
  const loaded = await core(build);
  return withReadyReport(() => loaded.call<OrderBatch[]>("batchOrders", call));
}
