// One order in the list: what it is, what is wrong with it, and the way to change it.

import type { Announce } from "../announce.ts";
import type { App } from "../app.ts";
import type { CheckedOrder } from "../check.ts";
import { button, fill, h } from "../dom.ts";
import { count, number } from "../format.ts";
import { icon } from "../icons.ts";
import type { Kind } from "../kinds.ts";
import { OUTCOMES } from "../outcomes.ts";
import { pathInOrder } from "../text/document.ts";
import { createEditor } from "./editor.ts";
import { drawIssue } from "./issue.ts";

/** Issues shown before the rest is asked for. */
const AT_FIRST = 5;

/** A list item. With a kind chosen, only its issues are shown at first. */
export function drawOrder(app: App, order: CheckedOrder, kind: Kind | undefined, announce: Announce): HTMLElement {
  const { id, who, where } = app.summary(order.index);
  const name = id || `Order ${number(order.index + 1)}`;
  const result = app.results.get(order.index);
  const body = h("div", {});
  const edit = button("Edit", () => openEditor(), { class: "button small", "aria-label": `Edit ${name}` });
  const locked = !app.canChange(order.index);

  function openEditor(): void {
    edit.hidden = true;
    fill(
      body,
      createEditor(app, order, name, (saved) => {
        if (saved) {
          announce(`${name} was changed and checked again.`);
          // The list was drawn anew; the same order's button is another element now.
          focusEdit(order.index);
          return;
        }
        edit.hidden = false;
        drawIssues(false);
        edit.focus();
      }),
    );
  }

  function drawIssues(all: boolean): void {
    const relevant = kind && !all ? order.issues.filter((issue) => kind.issues.includes(issue)) : order.issues;
    const sorted = [...relevant].sort((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
    const shown = all ? sorted : sorted.slice(0, AT_FIRST);
    const shape = app.checked?.document.shape ?? "envelope";
    const more = order.issues.length - shown.length;
    fill(
      body,
      shown.length > 0 &&
        h(
          "ul",
          { class: "issues" },
          shown.map((issue) =>
            drawIssue(
              app,
              issue,
              pathInOrder(shape, issue.path),
              locked
                ? undefined
                : () => {
                    app.mend([issue]);
                    announce(`Mended in ${name}.`);
                    focusEdit(order.index);
                  },
            ),
          ),
        ),
      more > 0 &&
        button(
          `Show ${count(more, "more problem")}`,
          () => {
            drawIssues(true);
            body.querySelector<HTMLElement>("li")?.scrollIntoView({ block: "nearest" });
          },
          { class: "button link" },
        ),
    );
  }

  drawIssues(false);
  return h(
    "li",
    { class: "order", "data-order": order.index },
    h(
      "div",
      { class: "order-head" },
      h("h3", { class: "order-name" }, name),
      h("span", { class: "order-who" }, [who, where].filter(Boolean).join(" · ")),
      // An order that was left out is shown by its errors, which say more than that it was left out.
      result && result.outcome !== "invalid"
        ? h("span", { class: `chip ${result.outcome}` }, icon(OUTCOMES[result.outcome].icon), OUTCOMES[result.outcome].title)
        : drawState(order),
      !locked && edit,
    ),
    body,
  );
}

function drawState({ errors, warnings }: CheckedOrder): HTMLElement {
  if (errors > 0) return h("span", { class: "chip bad" }, icon("error"), count(errors, "error"));
  if (warnings > 0) return h("span", { class: "chip doubt" }, icon("warning"), count(warnings, "warning"));
  return h("span", { class: "chip good" }, icon("ready"), "Nothing found");
}

function focusEdit(index: number): void {
  document.querySelector<HTMLElement>(`[data-order="${index}"] .order-head button`)?.focus();
}
