/** What is printed. A reader that has gone away, as `head` does, ends the program and is no error. */
import { once } from "node:events";

let code = 0;

/** What the program ends with, if its reader goes away now. */
export function endWith(exitCode: number): void {
  code = exitCode;
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(code);
  throw error;
});

/** Prints text, and waits until more is wanted. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Says what went wrong. */
export function printError(text: string): void {
  process.stderr.write(`pb-fulfillment: ${text}\n`);
}
