// The kinds of problem with their counts: an overview, a filter, and the place to mend one kind as a whole.

import type { Announce } from "../announce.ts";
import type { App } from "../app.ts";
import type { Checked } from "../check.ts";
import { button, fill, h } from "../dom.ts";
import { count, number } from "../format.ts";
import { icon } from "../icons.ts";
import type { Kind } from "../kinds.ts";
import { openFixes } from "./fixes.ts";
import { drawReplace } from "./replace.ts";

/** On a narrow screen the orders come after the kinds, so fewer of these stand in the way. */
const NARROW = matchMedia("(max-width: 60rem)");
const shownAtFirst = (): number => (NARROW.matches ? 4 : 12);

/** The panel beside the list. */
export function createKinds(app: App): { element: HTMLElement; draw(checked: Checked): void } {
  const list = h("ul", { class: "kind-list" });
  let all = false;
  const element = h(
    "section",
    { class: "kinds", "aria-labelledby": "kinds-title" },
    h("h2", { id: "kinds-title", class: "label" }, "Kinds of problem"),
    list,
  );

  function draw(checked: Checked): void {
    element.hidden = checked.kinds.length === 0;
    const shown = all ? checked.kinds : checked.kinds.slice(0, shownAtFirst());
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["kind"] : undefined;
    fill(
      list,
      shown.map((kind) => h("li", {}, drawKind(app, kind))),
      checked.kinds.length > shown.length &&
        h(
          "li",
          {},
          button(
            `Show all ${number(checked.kinds.length)} kinds`,
            () => {
              all = true;
              draw(checked);
            },
            { class: "button link" },
          ),
        ),
    );
    // The list is drawn anew when a kind is chosen; the keyboard must not lose its place by that.
    if (focused) list.querySelector<HTMLElement>(`[data-kind="${CSS.escape(focused)}"]`)?.focus();
  }

  return { element, draw };
}

function drawKind(app: App, kind: Kind): HTMLElement {
  const chosen = app.filter.kind === kind.key;
  return button(
    [
      icon(kind.severity),
      h(
        "span",
        { class: "kind-text" },
        h("span", { class: "visually-hidden" }, kind.severity === "error" ? "Error, " : "Warning, "),
        h("span", { class: "kind-label" }, kind.label || "Whole order"),
        h("span", { class: "kind-title" }, kind.title),
      ),
      h("span", { class: "badge" }, number(kind.issues.length)),
    ],
    () => app.setFilter({ kind: chosen ? undefined : kind.key, severity: "all" }),
    { class: "button kind", "aria-pressed": String(chosen), "data-kind": kind.key },
  );
}

/** What stands above the list while one kind is chosen. */
export function drawKindBanner(app: App, kind: Kind, announce: Announce): HTMLElement {
  const first = kind.issues[0];
  return h(
    "section",
    { class: "kind-banner", "aria-label": "The chosen kind of problem" },
    h(
      "div",
      { class: "kind-banner-head" },
      h("h2", {}, kind.label ? `${kind.label}: ${kind.title}` : kind.title),
      button("Show all kinds", () => app.setFilter({ kind: undefined }), { class: "button link" }),
    ),
    h(
      "p",
      { class: "hint" },
      `${count(kind.issues.length, "place")} in ${count(kind.orders.size, "order")}.`,
      first?.help && ` ${first.help}`,
    ),
    kind.fixable > 0 &&
      h(
        "p",
        {},
        button([icon("mend"), `Review ${count(kind.fixable, "certain fix", "certain fixes")}`], () => openFixes(app, kind, announce), {
          class: "button primary small",
        }),
      ),
    drawReplace(app, kind, announce),
  );
}
