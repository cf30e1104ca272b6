/** Orders, divided into the requests that they are sent in. */
import { build } from "#core";

import { core } from "./core.js";
import { isFulfillmentError } from "./errors.js";
import { createUuid } from "./ids.js";
import { toBytes } from "./input.js";
import { checkOptions, submissionId, whole } from "./options.js";
import { ready } from "./reports.js";
import type { BatchOptions, OrderBatch, OrdersInput } from "./types.js";

const BATCH = { maxOrders: whole(1), submissionId };

/** Divides orders into requests of at most 200, as they are: with or without errors. Rejects if the input is no list of orders. */
export async function batchOrders(input: OrdersInput, options: BatchOptions = {}): Promise<OrderBatch[]> {
  const loaded = await core(build);
  checkOptions("batchOrders", options, BATCH);
  const { maxOrders: size, submissionId = createUuid() } = options;
  try {
    return loaded.call<OrderBatch[]>("batchOrders", { input: toBytes(input, "batchOrders"), size, submissionId });
  } catch (error) {
    if (isFulfillmentError(error)) ready(error.report?.issues, undefined);
    throw error;
  }
}
