export * from "./validate.js";
export { FulfillmentClient } from "./client.js";
export { createTransactionId } from "./ids.js";
