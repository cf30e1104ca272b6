/** Sends the orders of a stream: parts of 200 of them side by side, as many as the source has given and the caller has taken. */
import { send, streams } from "#core";

import { core } from "../core.js";
import { FulfillmentError, isFulfillmentError } from "../errors.js";
import { createUuid } from "../ids.js";
import { partsOf, Reading, type PlainPart } from "./reading.js";
import type { OrdersStream, StreamSubmission, SubmissionSummary, SubmitStreamOptions } from "./types.js";
import type { OrderResult, Outcome, Submission, SubmissionProgress } from "../types.js";

type Core = Awaited<ReturnType<typeof core>>;

/** How many orders a part has: as many as one request. The same stream has the same parts, and so the same idempotency keys. */
const PART = 200;

/** What a client does for its streams. */
export interface Sender {
  /** Throws a TypeError for options that cannot be meant. */
  check(): void;
  /** What the validator looks for, as it crosses the border. */
  readonly rules: object;
  readonly concurrency: number;
  readonly deadline: number | undefined;
  /** Submits a part. */
  send(loaded: Core, call: object, firstOrder: number, onProgress: (progress: SubmissionProgress) => void): Promise<Submission>;
  /** Tells the caller how far it has come. */
  tell(progress: SubmissionProgress): void;
}

/** Submits a stream. */
export function submitStream(stream: OrdersStream, options: SubmitStreamOptions, sender: Sender): StreamSubmission {
  const { submissionId = createUuid(), maxBytes, signal } = options ?? {};
  const counts: Record<Outcome, number> = { accepted: 0, rejected: 0, invalid: 0, failed: 0, unknown: 0 };
  const batches = { total: 0, done: 0 };
  const queue: OrderResult[] = [];
  let [read, done, flying] = [0, 0, 0];
  let wake = (): void => undefined;

  /** Enters what a part tells. Its own counts begin at nothing, so what it told before is taken off. */
  const listener = (told: Set<number>): ((progress: Pick<SubmissionProgress, "results"> & Partial<SubmissionProgress>) => void) => {
    let before = { total: 0, done: 0 };
    return ({ results, batches: now = before }) => {
      batches.total += now.total - before.total;
      batches.done += now.done - before.done;
      before = now;
      done += results.length;
      for (const result of results) {
        told.add(result.orderIndex);
        counts[result.outcome] += 1;
        queue.push(result);
      }
      sender.tell({ submissionId, total: read, done, counts: { ...counts }, batches: { ...batches }, results });
      wake();
    };
  };

  async function* results(): AsyncGenerator<OrderResult, void> {
    sender.check();
    const loaded = await core(streams, send);
    const [reading, sending] = [new AbortController(), new AbortController()];
    const stop = (reason: unknown): void => [reading, sending].forEach((controller) => controller.abort(reason));
    const onAbort = (): void => stop(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);
    const { deadline } = sender;
    const until = deadline === undefined ? undefined : Date.now() + deadline;
    // Requests have the deadline themselves, and tell more of it.
    const timer = deadline && setTimeout(() => reading.abort(new Error("The time for the whole submission ran out.")), deadline);
    const parts = partsOf(loaded, stream, { ...sender.rules, maxBytes, partOrders: PART }, "submitOrders", reading.signal);

    let held = undefined as PlainPart | undefined;
    let [isReading, over] = [false, false];
    let fault: unknown;
    const fail = (error: unknown): void => {
      fault ??= error;
      over = true;
    };
    const launch = ({ reader, firstOrder, orderCount, valid }: PlainPart): void => {
      // What stands around the orders has no outcome, but for errors.
      if (orderCount === 0 && valid) return;
      flying += 1;
      read += orderCount;
      const told = new Set<number>();
      const listen = listener(told);
      const left = until === undefined ? undefined : until - Date.now();
      const call = { reader, submissionId, onInvalid: "skip", ...(left !== undefined && { deadline: Math.max(1, left) }) };
      // A part that comes too late is not sent at all.
      const { signal } = left !== undefined && left <= 0 ? reading : sending;
      sender
        .send(loaded, { ...call, signal }, firstOrder, listen)
        // After a fault of the package, results were composed that nobody has told.
        .then(({ results }) => {
          const untold = results.filter(({ orderIndex }) => !told.has(orderIndex));
          if (untold.length > 0) listen({ results: untold });
        })
        .catch(fail)
        .finally(() => {
          flying -= 1;
          wake();
        });
    };
    try {
      for (;;) {
        // Whatever happens from here on.
        const something = new Promise<void>((resolve) => (wake = resolve));
        if (queue.length > 0) {
          yield* queue.splice(0);
          continue;
        }
        // An order that comes again waits for the one before it.
        if (held && flying < (held.repeats ? 1 : sender.concurrency)) {
          launch(held);
          held = undefined;
        }
        if (!held && !isReading && !over) {
          isReading = true;
          parts
            .next()
            .then(({ value }) => ((held = value ?? undefined), (over ||= !value)))
            .catch(fail)
            .finally(() => {
              isReading = false;
              wake();
            });
        }
        if (over && !held && flying === 0 && queue.length === 0) break;
        await something;
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      clearTimeout(timer);
      stop(new Error("Nobody waits for the results any more."));
      await parts.return().catch(() => undefined);
      while (flying > 0) await new Promise<void>((resolve) => (wake = resolve));
    }
    if (isFulfillmentError(fault))
      throw new FulfillmentError(fault.code, fault.message, { ...fault, cause: fault.cause, submission: summary() });
    if (fault !== undefined) throw fault;
  }
  const summary = (): SubmissionSummary => ({ submissionId, orderCount: done, counts: { ...counts } });
  return new Reading(results(), summary);
}
