/** Puts an error that nobody waits for where such errors go; to the console where the runtime has no such place (before Firefox 93). */
export function stray(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}
