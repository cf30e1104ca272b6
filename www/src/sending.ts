// Sends orders through the broker and keeps what is known of each.

import {
  FulfillmentClient,
  isFulfillmentError,
  type SubmissionEvent,
  type OrderResult,
  type Submission,
  type SubmissionProgress,
} from "pb-fulfillment";
import { count, number } from "./format.ts";
import { fetchInSession } from "./session.ts";
import { selectOrders, type OrderDocument } from "./text/document.ts";

/** What a person decided before sending. */
export interface Choice {
  /** Positions in the file of the orders to send. */
  readonly indices: readonly number[];
  readonly onInvalid: "skip" | "stop";
  readonly onAmbiguous: "report" | "resend";
}

/** One sending, under way or ended. */
export interface Run {
  readonly total: number;
  done: number;
  batches: { total: number; done: number };
  counts: Submission["counts"];
  readonly startedAt: number;
  /** Lines for a person about what goes on, the newest last. */
  readonly log: string[];
  state: "running" | "stopping" | "ended" | "broken";
  /** Why it broke, when the call itself failed. */
  problem?: string;
  abort(): void;
}

/** Where the broker answers: the same origin as the page. */
export const BROKER_URL = new URL("/api", document.baseURI).href;

const LOG_LINES = 50;

/**
 * Starts to send and returns at once. `onChange` is called after each bit of progress with the results that are new,
 * their `orderIndex` being the position in the file.
 */
export function send(source: OrderDocument, choice: Choice, onChange: (run: Run, fresh: readonly OrderResult[]) => void): Run {
  const controller = new AbortController();
  const run: Run = {
    total: choice.indices.length,
    done: 0,
    batches: { total: 0, done: 0 },
    counts: { accepted: 0, rejected: 0, invalid: 0, failed: 0, unknown: 0 },
    startedAt: Date.now(),
    log: [],
    state: "running",
    abort() {
      run.state = "stopping";
      controller.abort();
      onChange(run, []);
    },
  };
  const inFile = (result: OrderResult): OrderResult => ({
    ...result,
    orderIndex: choice.indices[result.orderIndex] ?? result.orderIndex,
  });
  const client = new FulfillmentClient({
    baseURL: BROKER_URL,
    fetch: fetchInSession,
    onAmbiguous: choice.onAmbiguous,
    onEvent(event) {
      const line = describe(event);
      if (!line) return;
      run.log.push(line);
      if (run.log.length > LOG_LINES) run.log.shift();
      onChange(run, []);
    },
  });
  const onProgress = (progress: SubmissionProgress): void => {
    run.done = progress.done;
    run.batches = progress.batches;
    run.counts = progress.counts;
    onChange(run, progress.results.map(inFile));
  };
  client
    .submitOrders(selectOrders(source, choice.indices), {
      signal: controller.signal,
      onInvalid: choice.onInvalid,
      onProgress,
    })
    .then((submission) => {
      run.state = "ended";
      run.done = submission.results.length;
      run.counts = submission.counts;
      onChange(run, submission.results.map(inFile));
    })
    .catch((error: unknown) => {
      run.state = "broken";
      run.problem = explain(error);
      onChange(run, []);
    });
  return run;
}

/** A failed call in words. */
export function explain(error: unknown): string {
  if (isFulfillmentError(error)) {
    return error.requestId ? `${error.message} (request ${error.requestId})` : error.message;
  }
  return error instanceof Error ? error.message : "Something went wrong that the page does not know.";
}

function describe(event: SubmissionEvent): string | undefined {
  const time = new Date().toLocaleTimeString("en-GB");
  const batch = "batchId" in event ? `${time}  Batch ${shortId(event.batchId)}` : time;
  switch (event.type) {
    case "request":
      return event.attempt > 1
        ? `${batch}: sending again, attempt ${number(event.attempt)}`
        : `${batch}: sending ${count(event.orders.length, "order")}`;
    case "response":
      return `${batch}: answered with status ${event.status}`;
    case "failure":
      return `${batch}: no whole answer came`;
    case "retry":
      return `${batch}: waiting ${seconds(event.delayMs)} before sending again`;
    default:
      return undefined;
  }
}

function shortId(id: string): string {
  return id.slice(-6);
}

function seconds(milliseconds: number): string {
  return `${number(Math.max(0.1, Math.round(milliseconds / 100) / 10))} s`;
}
