/** Streams through the program: read part by part, and told as a loop or as a whole. */
import { core } from "../core.js";
import { FulfillmentError } from "../errors.js";
import { nextNumber } from "../exchange.js";
import { aBoolean, checkOptions, rules, signal, whole } from "../options.js";
import { plainRules, readyReport } from "../reports.js";
import { chunkOf, sourceOf, within } from "./source.js";
import type { OrdersStream, ReportPart, StreamReport, ValidateStreamOptions } from "./types.js";
import type { Issue, ValidationReport } from "../types.js";

type Core = Awaited<ReturnType<typeof core>>;

const VALIDATE = { ...rules, maxIssues: whole(0), maxBytes: whole(0), warnings: aBoolean, positions: aBoolean, signal };

/** A part as it crosses the border. */
export interface PlainPart extends ReportPart {
  /** The reader that has it. */
  readonly reader: number;
  /** Whether an order has the ids of one in an earlier part. */
  readonly repeats: boolean;
  /** Whether nothing follows. */
  readonly last: boolean;
}

/** Something that gives items while it runs and has a whole at the end. */
export class Reading<T, R> implements AsyncIterable<T>, PromiseLike<R> {
  readonly #items: AsyncGenerator<T, void>;
  readonly #whole: () => R;
  #end: Promise<R> | undefined;

  constructor(items: AsyncGenerator<T, void>, whole: () => R) {
    this.#items = items;
    this.#whole = whole;
  }

  [Symbol.asyncIterator](): AsyncGenerator<T, void> {
    return this.#items;
  }

  then<A = R, B = never>(
    onFulfilled?: ((whole: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return (this.#end ??= this.#drain()).then(onFulfilled, onRejected);
  }

  async #drain(): Promise<R> {
    while (!(await this.#items.next()).done);
    return this.#whole();
  }
}

/** Reads a stream part by part; the source is closed when it is left early. Throws `stream_cut` if the source fails or the signal ends it. */
export async function* partsOf(
  loaded: Core,
  stream: OrdersStream,
  options: object,
  what: string,
  signal?: AbortSignal,
): AsyncGenerator<PlainPart, void> {
  const reader = nextNumber();
  loaded.call("openReader", { ...options, reader });
  const source = sourceOf(stream);
  let open = true;
  const next = async (): Promise<object> => {
    try {
      const { done, value } = await within(signal, () => source.next()).catch((error: unknown) => {
        // One that has failed is closed already.
        open = signal?.aborted === true;
        throw error;
      });
      open = !done;
      return { reader, ...(done ? { end: true } : { chunk: chunkOf(value, what) }) };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new FulfillmentError("stream_cut", `The orders were not read to their end: ${why}`, { cause });
    }
  };
  try {
    do {
      let call = await next();
      for (let part; (part = loaded.call<Omit<PlainPart, "reader"> | undefined>("readOrders", call)); call = { reader }) {
        yield { ...part, reader };
        if (part.last) return;
      }
    } while (open);
  } finally {
    loaded.call("closeReader", { reader });
    const closing = open && (async () => source.return?.())();
    // A source that does not answer any more does not hold up who has given up on it.
    if (closing && signal?.aborted) closing.catch(() => undefined);
    else await closing;
  }
}

/** Validates a stream. */
export function validateStream(stream: OrdersStream, options: ValidateStreamOptions = {}): StreamReport {
  const { maxIssues = 10_000, maxBytes, warnings, positions, messages, signal } = options ?? {};
  const issues: Issue[] = [];
  const sum = { orderCount: 0, errorCount: 0, warningCount: 0 };
  async function* parts(): AsyncGenerator<ReportPart, void> {
    checkOptions("validateOrders", options, VALIDATE);
    const call = { ...plainRules(options), maxIssues, maxBytes, warnings, positions };
    for await (const { reader, repeats, last, ...part } of partsOf(await core(), stream, call, "validateOrders", signal)) {
      readyReport(part, messages);
      for (const name of ["orderCount", "errorCount", "warningCount"] as const) sum[name] += part[name];
      for (const issue of part.issues) if (issues.length < maxIssues) issues.push(issue);
      yield part;
    }
  }
  return new Reading<ReportPart, ValidationReport>(parts(), () => {
    const truncated = sum.errorCount + sum.warningCount > issues.length;
    return { valid: sum.errorCount === 0, ...sum, truncated, issues };
  });
}
