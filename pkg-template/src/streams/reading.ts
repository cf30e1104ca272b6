/** Streams through the program: read part by part, and told as a loop or as a whole. */
import { streams } from "#core";

import { core } from "../core.js";
import { FulfillmentError } from "../errors.js";
import { nextNumber } from "../exchange.js";
import { aBoolean, checkOptions, rules, signal, whole } from "../options.js";
import { plainRules, readyReport } from "../reports.js";
import { chunks, sourceOf, within, type Source } from "./source.js";
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
  readonly #items: AsyncIterator<T, void>;
  readonly #end: Promise<R>;
  /** Who takes the items: a loop, which must miss none of them, or nobody, so that they are only read. */
  #taker: "loop" | "nobody" | undefined;

  /** `whole` throws where there is none, since the loop was left. */
  constructor(items: AsyncGenerator<T, void>, whole: () => R) {
    let settle: (end: () => R) => void;
    this.#end = new Promise<R>((resolve, reject) => {
      settle = (end) => {
        try {
          resolve(end());
        } catch (error) {
          reject(error as Error);
        }
      };
    });
    // A loop that failed has told so already.
    this.#end.catch(() => undefined);
    const ends = async (step: Promise<IteratorResult<T, void>>): Promise<IteratorResult<T, void>> => {
      try {
        const result = await step;
        if (result.done) settle(whole);
        return result;
      } catch (error) {
        settle(() => {
          throw error;
        });
        throw error;
      }
    };
    this.#items = { next: () => ends(items.next()), return: () => ends(items.return()) };
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void> {
    if (this.#taker === "nobody")
      throw new TypeError("It was awaited before the loop, which would miss what has been read: begin the loop first.");
    this.#taker = "loop";
    return this.#items;
  }

  then<A = R, B = never>(
    onFulfilled?: ((whole: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#taker === undefined) {
      this.#taker = "nobody";
      this.#drain().catch(() => undefined);
    }
    return this.#end.then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<R | B> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<R> {
    return this.then().finally(onFinally);
  }

  async #drain(): Promise<void> {
    while (!(await this.#items.next()).done);
  }
}

/**
 * Reads a stream part by part. `listed` tells how many issues the next part may list, where that changes. The source is closed when it is left early. Throws `stream_cut` if the source fails or the
 * signal ends it.
 */
export async function* partsOf(
  loaded: Core,
  stream: OrdersStream,
  options: object,
  what: string,
  signal?: AbortSignal,
  listed?: () => number,
): AsyncGenerator<PlainPart, void> {
  const reader = nextNumber();
  loaded.call("openReader", { ...options, reader });
  let source: Source | undefined;
  let open = false;
  const { chunkOf, rest } = chunks(what);
  const next = async (source: Source): Promise<object> => {
    try {
      const { done, value } = await within(signal, () => source.next()).catch((error: unknown) => {
        // One that has failed is closed already.
        open = signal?.aborted === true;
        throw error;
      });
      open = !done;
      return { reader, ...(done ? { chunk: rest(), end: true } : { chunk: chunkOf(value) }) };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new FulfillmentError("stream_cut", `The orders were not read to their end: ${why}`, { cause });
    }
  };
  try {
    source = sourceOf(stream);
    open = true;
    do {
      let call = await next(source);
      for (
        let part;
        (part = loaded.call<Omit<PlainPart, "reader"> | undefined>("readOrders", { ...call, maxIssues: listed?.() }));
        call = { reader }
      ) {
        yield { ...part, reader };
        if (part.last) return;
      }
    } while (open);
  } finally {
    loaded.call("closeReader", { reader });
    const closing = open && (async () => source?.return?.())();
    // A source that does not answer any more does not hold up who has given up on it.
    if (closing && signal?.aborted) closing.catch(() => undefined);
    else await closing;
  }
}

/** What is counted in the report on each part. */
const COUNTS = ["orderCount", "errorCount", "warningCount"] as const;

export type Counts = { [name in (typeof COUNTS)[number]]: number };

/** The counts of a stream before its first part. */
export const noCounts = (): Counts => ({ orderCount: 0, errorCount: 0, warningCount: 0 });

/** Adds those of its next part. */
export function addCounts(sum: Counts, part: Readonly<Counts>): void {
  for (const name of COUNTS) sum[name] += part[name];
}

/** Validates a stream. */
export function validateStream(stream: OrdersStream, options: ValidateStreamOptions = {}): StreamReport {
  const { maxIssues = 10_000, maxBytes, warnings, positions, messages, signal } = options ?? {};
  const issues: Issue[] = [];
  const sum = noCounts();
  let complete = false;
  async function* parts(): AsyncGenerator<ReportPart, void> {
    checkOptions("validateOrders", options, VALIDATE);
    const call = { ...plainRules(options), maxIssues, maxBytes, warnings, positions };
    for await (const { reader, repeats, last, ...part } of partsOf(await core(streams), stream, call, "validateOrders", signal)) {
      readyReport(part, messages);
      addCounts(sum, part);
      for (const issue of part.issues) if (issues.length < maxIssues) issues.push(issue);
      complete = last;
      yield part;
    }
    complete = true;
  }
  return new Reading<ReportPart, ValidationReport>(parts(), () => {
    if (!complete) throw new FulfillmentError("stream_cut", "The orders were not read to their end: the loop over them was left.");
    const truncated = sum.errorCount + sum.warningCount > issues.length;
    return { valid: sum.errorCount === 0, ...sum, truncated, issues };
  });
}
