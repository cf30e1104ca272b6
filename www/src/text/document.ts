// The file of orders as it came: its text, and where each order begins and ends in it.

import { members, skipSpace, type Span } from "./scan.ts";

/** `{ "orders": [...] }` or a bare array. */
export type Shape = "envelope" | "array";

/** A text of orders that the validator has found to be well-formed JSON. */
export interface OrderDocument {
  readonly text: string;
  readonly shape: Shape;
  readonly orders: readonly Span[];
}

/** Finds the orders in a text. */
export function readDocument(text: string): OrderDocument {
  const start = skipSpace(text, 0);
  if (text[start] === "[") return { text, shape: "array", orders: elements(text, start) };
  for (const member of members(text, start)) {
    if (member.key === "orders") return { text, shape: "envelope", orders: elements(text, member.value.start) };
  }
  return { text, shape: "envelope", orders: [] };
}

/** What tells an order from an envelope with a slip in it. */
const ORDER_FIELDS = new Set<string | number>(["clientOrderId", "orderLines", "toAddress", "inputShippingDetails"]);

/** Whether a text is a single order, which is then to be put into a list. */
export function isSingleOrder(text: string): boolean {
  const names = Array.from(members(text, skipSpace(text, 0)), (member) => member.key);
  return !names.includes("orders") && names.some((name) => ORDER_FIELDS.has(name));
}

function elements(text: string, start: number): Span[] {
  return Array.from(members(text, start), (member) => member.value);
}

/** The text of one order, empty when there is no such order. */
export function orderText(source: OrderDocument, index: number): string {
  const span = source.orders[index];
  return span ? source.text.slice(span.start, span.end) : "";
}

/** The document with some orders replaced by new texts; all else stays as it was. */
export function replaceOrders(source: OrderDocument, texts: ReadonlyMap<number, string>): OrderDocument {
  const parts: string[] = [];
  let done = 0;
  source.orders.forEach((span, index) => {
    const text = texts.get(index);
    if (text === undefined) return;
    parts.push(source.text.slice(done, span.start), text);
    done = span.end;
  });
  parts.push(source.text.slice(done));
  return readDocument(parts.join(""));
}

/** A submission of some of the orders, made of their own characters. */
export function selectOrders(source: OrderDocument, indices: readonly number[]): string {
  return `{"orders":[${indices.map((index) => orderText(source, index)).join(",")}]}`;
}

/** An issue's path without the steps that lead to its order. */
export function pathInOrder(shape: Shape, path: readonly (string | number)[]): readonly (string | number)[] {
  return path.slice(shape === "envelope" ? 2 : 1);
}
