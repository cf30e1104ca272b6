// Shows what the certain fixes will change before they are made.

import type { Issue } from "pb-fulfillment";
import type { Announce } from "../announce.ts";
import type { App } from "../app.ts";
import { button, h } from "../dom.ts";
import { count, number, shorten } from "../format.ts";
import type { Kind } from "../kinds.ts";
import { openDialog } from "./dialog.ts";
import { describeFix, valueAt } from "./issue.ts";

const EXAMPLES = 3;

/** Opens the review of all certain fixes, or of those of one kind. */
export function openFixes(app: App, only: Kind | undefined, announce: Announce): void {
  const { checked } = app;
  if (!checked) return;
  const groups = (only ? [only] : checked.kinds)
    .map((kind) => ({ kind, issues: kind.issues.filter((issue) => issue.fix && app.canChange(issue.orderIndex ?? 0)) }))
    .filter((group) => group.issues.length > 0);
  const chosen = new Set(groups);
  const apply = button(
    "",
    () => {
      const issues = groups.filter((group) => chosen.has(group)).flatMap((group) => group.issues);
      close();
      const orders = app.mend(issues);
      announce(`${count(issues.length, "problem")} mended in ${count(orders, "order")}. The file was checked again.`);
      document.querySelector<HTMLElement>(".step-check h1")?.focus();
    },
    { class: "button primary", id: "apply-fixes" },
  );

  function drawApply(): void {
    const total = [...chosen].reduce((sum, group) => sum + group.issues.length, 0);
    apply.textContent = total === 0 ? "Nothing chosen" : `Mend ${count(total, "problem")}`;
    apply.disabled = total === 0;
  }

  const body = [
    h("p", { class: "hint" }, "These have exactly one right answer. Nothing is sent, and you can undo it."),
    groups.map((group) => {
      const box = h("input", {
        type: "checkbox",
        checked: true,
        onchange: () => {
          if (box.checked) chosen.add(group);
          else chosen.delete(group);
          drawApply();
        },
      });
      return h(
        "section",
        { class: "fix-group" },
        h(
          "label",
          { class: "check" },
          box,
          h(
            "span",
            {},
            h("strong", {}, group.kind.label || "Whole order"),
            ` ${group.kind.title} `,
            h("span", { class: "badge" }, number(group.issues.length)),
          ),
        ),
        drawExamples(app, group.issues),
      );
    }),
    groups.length === 0 && h("p", {}, "There is nothing left to mend with certainty."),
  ];
  drawApply();
  const close = openDialog("What will be changed", body, (shut) => [apply, button("Cancel", shut)]);
}

function drawExamples(app: App, issues: readonly Issue[]): HTMLElement {
  const examples = issues
    .slice(0, EXAMPLES)
    .map((issue) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, issue.clientOrderId ?? app.summary(issue.orderIndex ?? 0).id),
        h("td", {}, h("code", { class: "value" }, shorten(valueAt(app, issue) ?? "nothing", 60))),
        h("td", { class: "arrow-cell", "aria-hidden": "true" }, "→"),
        h("td", {}, describeFix(issue)),
      ),
    );
  return h(
    "div",
    { class: "examples" },
    h(
      "table",
      {},
      h(
        "thead",
        { class: "visually-hidden" },
        h("tr", {}, h("th", { scope: "col" }, "Order"), h("th", { scope: "col" }, "Now"), h("th", {}), h("th", { scope: "col" }, "After")),
      ),
      h("tbody", {}, examples),
    ),
    issues.length > EXAMPLES &&
      h(
        "details",
        {},
        h("summary", {}, `and ${number(issues.length - EXAMPLES)} more`),
        h(
          "ul",
          { class: "more-fixes" },
          issues
            .slice(EXAMPLES, 503)
            .map((issue) =>
              h(
                "li",
                {},
                issue.clientOrderId ?? app.summary(issue.orderIndex ?? 0).id,
                ": ",
                h("code", { class: "value" }, shorten(valueAt(app, issue) ?? "nothing", 60)),
                " → ",
                describeFix(issue),
              ),
            ),
          issues.length > 503 && h("li", { class: "hint" }, "… and so on, in the same way"),
        ),
      ),
  );
}
