// What each outcome means, in the words of the person who sent the orders.

import type { OrderResult } from "pb-fulfillment";
import type { IconName } from "./icons.ts";

export type Outcome = OrderResult["outcome"];

interface Words {
  readonly title: string;
  readonly icon: IconName;
  readonly meaning: string;
  /** What to do next, empty when there is nothing. */
  readonly advice: string;
}

/** In the order in which they are shown. */
export const OUTCOMES: Readonly<Record<Outcome, Words>> = {
  accepted: {
    title: "Accepted",
    icon: "ready",
    meaning: "The fulfillment service has taken the order and given it a number.",
    advice: "",
  },
  rejected: {
    title: "Refused",
    icon: "error",
    meaning: "The service answered that it does not take this order. It is not stored there.",
    advice: "Mend what the reason names, then send it again.",
  },
  invalid: {
    title: "Has errors",
    icon: "error",
    meaning: "The order was left out because it has errors. It was not sent.",
    advice: "Mend it under “Check”, then send it.",
  },
  failed: {
    title: "Not sent",
    icon: "stopped",
    meaning: "The order did not get through, and it is certain that the service has not stored it.",
    advice: "It is safe to send it again.",
  },
  unknown: {
    title: "No answer",
    icon: "unknown",
    meaning: "The order was sent but the answer was lost. The service may have stored it, or not.",
    advice: "Look the order up at the fulfillment service first. Sending it again could ship it twice.",
  },
};

export const OUTCOME_ORDER: readonly Outcome[] = ["accepted", "rejected", "invalid", "failed", "unknown"];

/** Reasons by the code of a result's error, where the code says more to a person than the message. */
const REASONS: Readonly<Record<string, string>> = {
  aborted: "Sending was stopped before this order’s turn.",
  not_sent: "Nothing was sent.",
  unauthorized: "Your session has ended. Reload the page, load the file again and send the rest.",
  not_approved: "Your shop did not approve this order for sending.",
  forbidden_client: "You may not send orders for this client number.",
  deadline: "Time ran out before this order’s turn.",
};

/** Why an order ended as it did, empty for an accepted one. */
export function reasonOf(result: OrderResult): string {
  if (result.outcome === "accepted") return "";
  const invalid = result.issues?.find((issue) => issue.severity === "error")?.message;
  const { error } = result;
  return (error && REASONS[error.code]) ?? error?.message ?? invalid ?? "";
}
