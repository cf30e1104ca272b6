/** What is printed. A reader that has gone away, as `head` does, ends the program and is no error. */
import { once } from "node:events";

let code = 0;

/** What the program ends with, if its reader goes away now. */
export function endWith(exitCode: number): void {
  code = exitCode;
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(code);
  printError(`what was found cannot be written: ${error.message}`);
  process.exit(2);
});

/** Prints text, and waits until more is wanted. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** A text of the input in one line, which no terminal and no log takes for a command. */
export function plain(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The name of a file at the beginning of a line, where `::` and `##` are commands to those who run builds. */
export function named(file: string): string {
  return plain(/^(::|##)/.test(file) ? `./${file}` : file);
}

/** Says what went wrong. */
export function printError(text: string): void {
  process.stderr.write(`pb-fulfillment: ${text}\n`);
}
