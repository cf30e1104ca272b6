/** What is known of a submission while it runs, so that it can still be told if the program dies in the middle. */
import type { FulfillmentError } from "./errors.js";
import type { OrderResult, Outcome, Submission, SubmissionEvent, SubmissionProgress } from "./types.js";

export class Log {
  #submissionId: string | undefined;
  #clientOrderIds: readonly (string | null | undefined)[] = [];
  readonly #attempts = new Map<number, number>();
  readonly #results = new Map<number, OrderResult>();
  readonly #firstOrder: number;

  /** @param firstOrder which order of the whole input the first one is */
  constructor(firstOrder: number) {
    this.#firstOrder = firstOrder;
  }

  event(event: SubmissionEvent): void {
    if (event.type === "plan") {
      this.#submissionId = event.submissionId;
      this.#clientOrderIds = event.clientOrderIds;
    } else if (event.type === "request") {
      for (const order of event.orders) this.#attempts.set(order, (this.#attempts.get(order) ?? 0) + 1);
    }
  }

  progress({ results }: SubmissionProgress): void {
    for (const result of results) this.#results.set(result.orderIndex, result);
  }

  /**
   * The submission as far as it is known: what has arrived stays, what was sent is unknown, all else has failed. Throws the error if
   * nothing had begun.
   */
  close(error: FulfillmentError): Submission {
    if (this.#submissionId === undefined) throw error;
    const results = this.#clientOrderIds.map((id, index) => {
      const orderIndex = this.#firstOrder + index;
      return this.#results.get(orderIndex) ?? this.#ending(id, orderIndex, error);
    });
    const counts: Record<Outcome, number> = { accepted: 0, rejected: 0, invalid: 0, failed: 0, unknown: 0 };
    for (const { outcome } of results) counts[outcome] += 1;
    return { submissionId: this.#submissionId, results, counts };
  }

  #ending(id: string | null | undefined, orderIndex: number, cause: FulfillmentError): OrderResult {
    const attempts = this.#attempts.get(orderIndex) ?? 0;
    const advice = attempts
      ? "The order had been sent and may have been created; look it up before you send it again."
      : "The order was not sent and may be submitted again.";
    return {
      orderIndex,
      ...(typeof id === "string" && { clientOrderId: id }),
      outcome: attempts ? "unknown" : "failed",
      error: { code: "internal", message: `${cause.message} ${advice}`, cause },
      transactionIds: [],
      attempts,
    };
  }
}
