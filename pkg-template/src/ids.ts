import { runs } from "./load/compile.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A new id for one request to the API (`X-PB-TransactionId`): 25 characters of `[A-Za-z0-9_-]`, 150 random bits. */
export function createTransactionId(): string {
  // 64 letters: six bits of each byte choose one, none more often than another.
  return Array.from(random(25), (byte) => ALPHABET[byte & 63]).join("");
}

/** A new UUID, version 4. Not `crypto.randomUUID`, which pages have only in secure contexts. */
export function createUuid(): string {
  const bytes = random(16);
  bytes[6] = (bytes[6]! & 15) | 64;
  bytes[8] = (bytes[8]! & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function random(count: number): Uint8Array {
  runs("crypto");
  return crypto.getRandomValues(new Uint8Array(count));
}
