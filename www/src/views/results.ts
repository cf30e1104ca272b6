// The outcome of each order: a list that can be narrowed to one outcome.

import type { OrderResult } from "pb-fulfillment";
import type { App } from "../app.ts";
import { button, fill, h } from "../dom.ts";
import { count, number } from "../format.ts";
import { icon } from "../icons.ts";
import { OUTCOMES, OUTCOME_ORDER, reasonOf, type Outcome } from "../outcomes.ts";
import { drawPager } from "./pager.ts";

const PAGE = 50;

/** The list, drawn anew by `draw`. */
export function createResults(app: App): { element: HTMLElement; draw(): void } {
  let outcome: Outcome | undefined;
  let page = 0;
  const filters = h("div", { class: "segments", role: "group", "aria-label": "Show outcomes" });
  const meaning = h("div", {});
  const body = h("tbody", { role: "rowgroup" });
  const table = h(
    "table",
    // The roles are those of the elements; a narrow screen lays rows out as grids, and some browsers forget them then.
    { class: "results", role: "table", tabindex: -1 },
    h("caption", { class: "visually-hidden" }, "The outcome of each order"),
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        ["Order", "For", "Outcome", "Number at the service, or the reason"].map((name) =>
          h("th", { role: "columnheader", scope: "col" }, name),
        ),
      ),
    ),
    body,
  );
  const pager = h("div", {});
  const element = h("section", { class: "results-section", "aria-label": "Outcomes" }, filters, meaning, table, pager);

  function draw(): void {
    const all = [...app.results.values()].sort((a, b) => a.orderIndex - b.orderIndex);
    if (outcome && !all.some((result) => result.outcome === outcome)) outcome = undefined;
    const present = OUTCOME_ORDER.filter((each) => all.some((result) => result.outcome === each));
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["outcome"] : undefined;
    fill(
      filters,
      filterButton("All", all.length, undefined),
      present.map((each) => filterButton(OUTCOMES[each].title, all.filter((result) => result.outcome === each).length, each)),
    );
    if (focused) filters.querySelector<HTMLElement>(`[data-outcome="${focused}"]`)?.focus();
    fill(
      meaning,
      (outcome ? [outcome] : present.filter((each) => each === "unknown")).map((each) =>
        h(
          "p",
          { class: `notice ${each === "accepted" ? "good" : "doubt"}` },
          h("strong", {}, `${OUTCOMES[each].title}: `),
          OUTCOMES[each].meaning,
          " ",
          OUTCOMES[each].advice,
        ),
      ),
    );
    const shown = all.filter((result) => !outcome || result.outcome === outcome);
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    page = Math.min(page, pages - 1);
    fill(
      body,
      shown.slice(page * PAGE, (page + 1) * PAGE).map((result) => drawResult(app, result)),
    );
    fill(
      pager,
      drawPager(page, pages, "outcomes", (next) => {
        page = next;
        draw();
        table.scrollIntoView({ block: "start" });
        table.focus({ preventScroll: true });
      }),
    );
  }

  function filterButton(label: string, total: number, value: Outcome | undefined): HTMLElement {
    return button(
      [label, " ", h("span", { class: "badge" }, number(total))],
      () => {
        outcome = value;
        page = 0;
        draw();
      },
      { class: "button segment", "aria-pressed": String(outcome === value), "data-outcome": value ?? "all" },
    );
  }

  return { element, draw };
}

function drawResult(app: App, result: OrderResult): HTMLElement {
  const { id, who, where } = app.summary(result.orderIndex);
  const { title, icon: mark } = OUTCOMES[result.outcome];
  const reason = reasonOf(result);
  return h(
    "tr",
    { role: "row", "data-outcome-of": result.orderIndex },
    h("th", { role: "rowheader", scope: "row" }, result.clientOrderId ?? (id || `Order ${number(result.orderIndex + 1)}`)),
    h("td", { role: "cell", class: "who" }, [who, where].filter(Boolean).join(" · ")),
    h("td", { role: "cell" }, h("span", { class: `chip ${result.outcome}` }, icon(mark), title)),
    h(
      "td",
      { role: "cell", class: "detail" },
      result.orderId ? h("code", { class: "order-id" }, result.orderId) : reason,
      result.attempts > 1 && h("span", { class: "hint" }, ` ${count(result.attempts, "attempt")}`),
    ),
  );
}
