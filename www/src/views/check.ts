// The second step: what is wrong, where, and how to mend it.

import type { Announce } from "../announce.ts";
import type { App, Filter } from "../app.ts";
import type { Checked, CheckedOrder } from "../check.ts";
import { MAX_ISSUES } from "../check.ts";
import { button, fill, h, uniqueId } from "../dom.ts";
import { download } from "../export.ts";
import { count, number, size } from "../format.ts";
import { icon } from "../icons.ts";
import { datesWithoutZone, openZones } from "./zones.ts";
import { openFixes } from "./fixes.ts";
import { drawIssue } from "./issue.ts";
import { createKinds, drawKindBanner } from "./kinds.ts";
import { drawOrder } from "./order.ts";
import { drawPager } from "./pager.ts";
import { drawTally } from "./tally.ts";
import { openSend } from "./send-dialog.ts";

/** Orders on one page of the list. Few enough to be drawn at once, however large the file is. */
const PAGE = 20;

const SEVERITIES: readonly (readonly [Filter["severity"], string])[] = [
  ["all", "All"],
  ["error", "With errors"],
  ["warning", "With warnings"],
  ["ready", "Nothing found"],
];

/** Builds the step. `announce` speaks to people who do not see the page. */
export function createCheckView(app: App, announce: Announce): HTMLElement {
  const fileBar = h("div", { class: "file-bar" });
  const title = h("h1", { tabindex: -1 });
  const verdict = h("p", { class: "lead" });
  const tally = h("div", {});
  const callout = h("div", {});
  const general = h("div", {});
  const kinds = createKinds(app);
  const banner = h("div", {});
  const found = h("p", { class: "found", role: "status" });
  const list = h("ol", { class: "orders", tabindex: -1, "aria-label": "Orders" });
  const pager = h("div", {});
  const bar = h("div", { class: "action-bar" });

  const search = h("input", {
    type: "search",
    id: uniqueId("search"),
    placeholder: "Number, name or town",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => app.setFilter({ query: search.value }),
  });
  const severities = SEVERITIES.map(([severity, label]) => ({
    severity,
    label,
    button: button(label, () => app.setFilter({ severity }), { class: "button segment", "data-severity": severity }),
  }));
  const toolbar = h(
    "div",
    { class: "toolbar" },
    h(
      "div",
      { class: "segments", role: "group", "aria-label": "Show orders" },
      severities.map((each) => each.button),
    ),
    h(
      "div",
      { class: "search" },
      icon("search"),
      h("label", { for: search.id, class: "visually-hidden" }, "Find an order by number, name or town"),
      search,
    ),
  );

  function drawFile(checked: Checked): void {
    const { counts, report, fixable } = checked;
    fill(
      fileBar,
      h("strong", {}, app.fileName),
      h("span", { class: "hint" }, `${count(checked.orders.length, "order")} · ${size(app.fileSize)}`),
      button("Choose another file", () => app.go("load"), { class: "button link" }),
    );
    title.textContent = headline(checked);
    verdict.textContent = summaryLine(checked);
    fill(
      tally,
      drawTally("What was found", [
        { kind: "bad", label: "with errors", value: counts.bad },
        { kind: "doubt", label: "with warnings only", value: counts.doubtful },
        { kind: "good", label: "nothing found", value: counts.ready },
      ]),
    );
    const dates = datesWithoutZone(app);
    fill(
      callout,
      (fixable > 0 || dates.length > 0 || app.canUndo) &&
        h(
          "div",
          { class: "callout" },
          h(
            "div",
            {},
            fixable > 0 &&
              h(
                "p",
                {},
                h("strong", {}, count(fixable, "problem")),
                " can be mended with certainty. You see every change before it is made.",
              ),
            dates.length > 0 &&
              h(
                "p",
                {},
                h("strong", {}, count(dates.length, "date")),
                ` ${dates.length === 1 ? "does" : "do"} not say in which time zone.`,
              ),
            fixable + dates.length === 0 && h("p", {}, "Nothing is left that can be mended all at once."),
          ),
          h(
            "div",
            { class: "callout-actions" },
            fixable > 0 &&
              button([icon("mend"), "Review certain fixes"], () => openFixes(app, undefined, announce), {
                class: "button primary",
                id: "review-fixes",
              }),
            dates.length > 0 && button("Set the time zone", () => openZones(app, dates, announce), { id: "set-zone" }),
            app.canUndo &&
              button("Save the mended file", () => download(savedName(app.fileName), "application/json", checked.document.text), {
                id: "save-file",
              }),
            app.canUndo &&
              button("Undo last change", () => {
                app.undo();
                announce("The last change was undone.");
                title.focus();
              }),
          ),
        ),
      report.truncated &&
        h(
          "p",
          { class: "notice doubt" },
          `Only the first ${number(MAX_ISSUES)} problems are listed. Mend some of them and the rest will show.`,
        ),
    );
    fill(
      general,
      checked.general.length > 0 &&
        h(
          "section",
          { class: "general", "aria-labelledby": "general-title" },
          h("h2", { id: "general-title", class: "label" }, "About the file as a whole"),
          h(
            "ul",
            { class: "issues" },
            checked.general.slice(0, 10).map((issue) => drawIssue(app, issue, issue.path)),
          ),
        ),
    );
    const total = checked.orders.length;
    const byseverity: Record<Filter["severity"], number> = {
      all: total,
      error: counts.bad,
      warning: checked.orders.filter((order) => order.warnings > 0).length,
      ready: counts.ready,
    };
    for (const each of severities) {
      fill(each.button, each.label, " ", h("span", { class: "badge" }, number(byseverity[each.severity])));
    }
  }

  function drawBar(checked: Checked): void {
    const accepted = [...app.results.values()].filter((result) => result.outcome === "accepted").length;
    const open = checked.orders.length - accepted;
    const { bad } = checked.counts;
    fill(
      bar,
      h(
        "p",
        { class: "action-text" },
        accepted > 0 && `${number(accepted)} already accepted. `,
        open === 0 ? "Nothing is left to send." : `${count(open, "order")} to send`,
        open > 0 && bad > 0 && `, ${bad === open ? "all" : number(bad)} with errors`,
      ),
      button(["Send orders", icon("arrow")], () => openSend(app), {
        class: "button primary",
        id: "send-orders",
        disabled: open - bad <= 0 || app.sending,
      }),
    );
  }

  function drawList(checked: Checked): void {
    const shown = select(app, checked);
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    const page = Math.min(app.filter.page, pages - 1);
    const kind = checked.kinds.find((each) => each.key === app.filter.kind);
    fill(banner, kind && drawKindBanner(app, kind, announce));
    found.textContent =
      shown.length === checked.orders.length ? "" : `${count(shown.length, "order")} of ${number(checked.orders.length)} shown`;
    fill(
      list,
      shown.slice(page * PAGE, (page + 1) * PAGE).map((order) => drawOrder(app, order, kind, announce)),
      shown.length === 0 && drawNone(),
    );
    fill(
      pager,
      drawPager(page, pages, "orders", (next) => {
        app.setFilter({ page: next });
        list.scrollIntoView({ block: "start" });
        list.focus({ preventScroll: true });
      }),
    );
    if (search.value !== app.filter.query) search.value = app.filter.query;
    for (const each of severities) each.button.setAttribute("aria-pressed", String(each.severity === app.filter.severity));
  }

  function drawNone(): HTMLElement {
    return h(
      "li",
      { class: "empty" },
      h("p", {}, "No order fits this choice."),
      button("Show all orders", () => {
        app.setFilter({ severity: "all", kind: undefined, query: "" });
        search.focus();
      }),
    );
  }

  let locked = false;
  app.onChange((change) => {
    const { checked } = app;
    if (!checked) return;
    // When orders begin or end to be sent, what may be changed is another; outcomes may have come, too.
    const turned = app.sending !== locked;
    locked = app.sending;
    callout.hidden = locked;
    banner.hidden = locked;
    if (change === "file" || turned) drawFile(checked);
    if (change === "file" || change === "filter" || turned) {
      kinds.draw(checked);
      drawList(checked);
    }
    drawBar(checked);
  });

  return h(
    "div",
    { class: "step step-check" },
    fileBar,
    title,
    verdict,
    tally,
    callout,
    general,
    h("div", { class: "check-grid" }, kinds.element, h("div", { class: "check-main" }, toolbar, banner, found, list, pager)),
    bar,
  );
}

/** `orders.json` becomes `orders-mended.json`. */
function savedName(name: string): string {
  return `${name.replace(/\.json$/i, "").replace(/[^\p{L}\p{N}._-]+/gu, "-")}-mended.json`;
}

function headline({ counts, orders }: Checked): string {
  if (orders.length === 0) return "There are no orders in this file";
  if (counts.bad === orders.length) return orders.length === 1 ? "This order cannot be sent yet" : "None of these orders can be sent yet";
  if (counts.bad > 0) return `${number(counts.bad)} of ${count(orders.length, "order")} cannot be sent yet`;
  if (counts.doubtful > 0) return orders.length === 1 ? "This order can be sent" : `All ${number(orders.length)} orders can be sent`;
  return orders.length === 1 ? "This order is ready" : `All ${number(orders.length)} orders are ready`;
}

function summaryLine({ report, kinds, orders }: Checked): string {
  if (orders.length === 0) return "Choose another file, or look whether the export was empty.";
  const { errorCount, warningCount } = report;
  if (errorCount + warningCount === 0) return "Nothing was found that needs mending.";
  const parts = [errorCount > 0 && count(errorCount, "error"), warningCount > 0 && count(warningCount, "warning")].filter(Boolean);
  const ending =
    errorCount > 0
      ? "Errors keep an order from being sent; warnings are for you to judge."
      : "Warnings do not stop an order; look through them before you send.";
  return `${parts.join(" and ")}, in ${count(kinds.length, "kind")} of problem. ${ending}`;
}

function select(app: App, checked: Checked): readonly CheckedOrder[] {
  const { severity, kind, query } = app.filter;
  const inKind = checked.kinds.find((each) => each.key === kind)?.orders;
  const wanted = query.trim().toLowerCase();
  return checked.orders.filter((order) => {
    if (severity === "error" && order.errors === 0) return false;
    if (severity === "warning" && order.warnings === 0) return false;
    if (severity === "ready" && order.issues.length > 0) return false;
    if (inKind && !inKind.has(order.index)) return false;
    if (!wanted) return true;
    const { id, who, where } = app.summary(order.index);
    return `${id}\n${who}\n${where}`.toLowerCase().includes(wanted);
  });
}
