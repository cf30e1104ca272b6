// A bar divided by counts, with a legend: what was found, or how the orders ended.

import { h } from "../dom.ts";
import { number } from "../format.ts";

/** One part of a tally. */
export interface Share {
  readonly kind: "good" | "doubt" | "bad" | "lost" | "rest";
  readonly label: string;
  readonly value: number;
}

/** The bar is for the eye; the legend says the same in words. */
export function drawTally(label: string, shares: readonly Share[]): HTMLElement {
  const present = shares.filter((share) => share.value > 0);
  return h(
    "div",
    { class: "tally" },
    h(
      "div",
      { class: "tally-bar", "aria-hidden": "true" },
      present.map((share) => {
        const part = h("span", { class: `tally-part ${share.kind}` });
        part.style.flexGrow = String(share.value);
        return part;
      }),
    ),
    h(
      "ul",
      { class: "tally-legend", "aria-label": label },
      shares.map((share) =>
        h(
          "li",
          { class: share.value === 0 ? "none" : "" },
          h("span", { class: `dot ${share.kind}`, "aria-hidden": "true" }),
          h("strong", {}, number(share.value)),
          ` ${share.label}`,
        ),
      ),
    ),
  );
}
