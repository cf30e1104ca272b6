/** A bar on the standard error of a terminal, for what takes long. */

const WIDTH = 30;
/** Nothing is shown before, and not more often, in milliseconds. */
const FIRST = 500;
const STEP = 100;

export class Progress {
  readonly #label: string;
  readonly #size: number | undefined;
  readonly #shown: boolean;
  #next = Date.now() + FIRST;
  #visible = false;
  #bytes = 0;
  #orders = 0;

  constructor(label: string, size: number | undefined, shown: boolean) {
    this.#label = label;
    this.#size = size;
    this.#shown = shown && process.stderr.isTTY;
  }

  /** The chunks, counted as they are read. */
  async *counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  /** So many orders more are done. */
  add(orders: number): void {
    this.#orders += orders;
    if (!this.#shown || Date.now() < this.#next) return;
    this.#next = Date.now() + STEP;
    this.#visible = true;
    process.stderr.write(`\r\u001b[K${this.#line()}`);
  }

  /** Takes the bar off the screen; the next step shows it again. */
  clear(): void {
    if (this.#visible) process.stderr.write("\r\u001b[K");
    this.#visible = false;
  }

  #line(): string {
    const orders = `${this.#orders.toLocaleString("en")} orders, ${(this.#bytes / 1e6).toFixed(0)} MB`;
    if (!this.#size) return `${this.#label} ${orders}`;
    const share = Math.min(1, this.#bytes / this.#size);
    const bar = "#".repeat(Math.round(share * WIDTH)).padEnd(WIDTH, ".");
    return `${this.#label} [${bar}] ${Math.floor(share * 100)}% ${orders}`;
  }
}
