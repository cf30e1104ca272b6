// The third step: how the sending goes, and what became of each order.

import type { Announce } from "../announce.ts";
import type { App } from "../app.ts";
import { button, fill, h } from "../dom.ts";
import { download, resultsCsv, resultsJson } from "../export.ts";
import { count, number } from "../format.ts";
import { icon } from "../icons.ts";
import { OUTCOMES, OUTCOME_ORDER } from "../outcomes.ts";
import type { Run } from "../sending.ts";
import { createResults } from "./results.ts";
import { openSend } from "./send-dialog.ts";
import { drawTally, type Share } from "./tally.ts";

const SHARE: Readonly<Record<(typeof OUTCOME_ORDER)[number], Share["kind"]>> = {
  accepted: "good",
  rejected: "bad",
  invalid: "doubt",
  failed: "rest",
  unknown: "lost",
};

/** Progress is spoken at most this often, so that a screen reader can finish its sentence. */
const SPEAK_EVERY_MS = 4000;

/** Builds the step. `announce` speaks to people who do not see the page. */
export function createSendView(app: App, announce: Announce): HTMLElement {
  const title = h("h1", { tabindex: -1 });
  const lead = h("p", { class: "lead" });
  const bar = h("progress", { class: "progress", "aria-label": "Orders with an outcome" });
  const figures = h("p", { class: "figures" });
  const stop = button("Stop sending", () => app.run?.abort(), { class: "button danger", id: "stop-sending" });
  const progress = h(
    "section",
    { class: "progress-panel", "aria-label": "Progress" },
    bar,
    h("div", { class: "progress-foot" }, figures, stop),
  );
  const tally = h("div", { class: "tally-box" });
  const actions = h("div", { class: "result-actions" });
  const results = createResults(app);
  const log = h("pre", { class: "log", tabindex: 0, "aria-label": "What happened, line by line" });
  const logBox = h("details", { class: "log-box" }, h("summary", {}, "What happened, line by line"), log);
  const empty = h(
    "div",
    { class: "empty" },
    h("p", {}, "Nothing was sent yet. Outcomes will be listed here, one for each order."),
    button("Go to the check", () => app.go("check")),
  );
  let known: Run["state"] | undefined;
  let spokenAt = 0;
  let scheduled = false;

  function draw(): void {
    const { run } = app;
    const has = run !== undefined;
    for (const each of [lead, tally, actions, results.element, logBox]) each.hidden = !has;
    empty.hidden = has;
    progress.hidden = !app.sending;
    if (!run) {
      title.textContent = "Outcomes";
      return;
    }
    title.textContent = heading(run, app);
    lead.textContent = leadText(run, app);
    bar.max = Math.max(run.total, 1);
    bar.value = run.done;
    figures.textContent = `${number(run.done)} of ${count(run.total, "order")} · ${
      run.batches.total > 0 ? `${number(run.batches.done)} of ${count(run.batches.total, "batch", "batches")}` : "preparing"
    }`;
    stop.disabled = run.state !== "running";
    const counts = outcomeCounts(app);
    fill(
      tally,
      drawTally(
        "Outcomes",
        OUTCOME_ORDER.filter((outcome) => counts[outcome] > 0 || outcome === "accepted").map((outcome) => ({
          kind: SHARE[outcome],
          label: OUTCOMES[outcome].title.toLowerCase(),
          value: counts[outcome],
        })),
      ),
    );
    // The scroll position is the reader's while they look at older lines.
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
    log.textContent = run.log.join("\n");
    if (atEnd) log.scrollTop = log.scrollHeight;
    drawActions(run);
    if (!app.sending) results.draw();
    results.element.hidden = app.sending || app.results.size === 0;
    speak(run);
  }

  function drawActions(run: Run): void {
    const ended = run.state === "ended" || run.state === "broken";
    const sorted = (): ReturnType<typeof ordered> => ordered(app);
    const left = app.checked ? app.checked.orders.length - outcomeCounts(app).accepted : 0;
    const focused = document.activeElement?.id;
    fill(
      actions,
      ended &&
        app.results.size > 0 && [
          button([icon("download"), "Download CSV"], () => download("outcomes.csv", "text/csv;charset=utf-8", resultsCsv(sorted())), {
            id: "download-csv",
          }),
          button([icon("download"), "Download JSON"], () => download("outcomes.json", "application/json", resultsJson(sorted())), {
            id: "download-json",
          }),
        ],
      ended && left > 0 && button("Send what is left", () => openSend(app), { id: "send-rest" }),
      ended && button("New file", () => app.go("load"), { class: "button link" }),
    );
    if (focused) actions.querySelector<HTMLElement>(`#${CSS.escape(focused)}`)?.focus();
  }

  function speak(run: Run): void {
    const ended = run.state === "ended" || run.state === "broken";
    if (run.state !== known) {
      known = run.state;
      announce(`${title.textContent ?? ""}. ${ended ? (lead.textContent ?? "") : ""}`, "spoken");
      if (ended && app.step === "send") title.focus();
      return;
    }
    if (ended || Date.now() - spokenAt < SPEAK_EVERY_MS) return;
    spokenAt = Date.now();
    announce(`${number(run.done)} of ${number(run.total)} orders have an outcome.`, "spoken");
  }

  app.onChange((change) => {
    // At once, lest the focus land on the heading of the last sending.
    if (change === "step") return draw();
    if (change === "filter" || scheduled) return;
    scheduled = true;
    // A frame at most: results can arrive much faster than anyone can read. Not requestAnimationFrame, which stands
    // still in a tab that is not looked at, while the end must be told there too.
    setTimeout(() => {
      scheduled = false;
      draw();
    }, 50);
  });
  draw();
  return h("div", { class: "step step-send" }, title, lead, progress, tally, actions, results.element, logBox, empty);
}

type Counts = Record<(typeof OUTCOME_ORDER)[number], number>;

/** Over all sendings of this file, since a later one may only have sent what the first left. */
function outcomeCounts(app: App): Counts {
  const counts: Counts = { accepted: 0, rejected: 0, invalid: 0, failed: 0, unknown: 0 };
  for (const result of app.results.values()) counts[result.outcome] += 1;
  return counts;
}

/** How many orders have no outcome any more, as they were changed after the sending ended. */
function changedSince(app: App): number {
  return Math.max(0, (app.checked?.orders.length ?? 0) - app.results.size);
}

function ordered(app: App): Parameters<typeof resultsCsv>[0] {
  return [...app.results.values()].sort((a, b) => a.orderIndex - b.orderIndex);
}

function heading(run: Run, app: App): string {
  if (run.state === "running") return "Sending…";
  if (run.state === "stopping") return "Stopping…";
  if (run.state === "broken") return "The orders could not be sent";
  const counts = outcomeCounts(app);
  const total = app.results.size + changedSince(app);
  if (counts.accepted === total) return total === 1 ? "The order was accepted" : `All ${number(total)} orders were accepted`;
  return `${number(counts.accepted)} of ${count(total, "order")} accepted`;
}

function leadText(run: Run, app: App): string {
  if (run.state === "running") return "Keep this page open until all orders have an outcome.";
  if (run.state === "stopping") return "Nothing more is sent; orders that are under way get no answer any more.";
  if (run.state === "broken") return run.problem ?? "";
  const counts = outcomeCounts(app);
  if (counts.unknown > 0)
    return `${count(counts.unknown, "order")} got no answer: look ${counts.unknown === 1 ? "it" : "them"} up at the fulfillment service before you send again.`;
  const changed = changedSince(app);
  if (changed > 0) return `${count(changed, "order")} ${changed === 1 ? "was" : "were"} changed since and not sent again yet.`;
  if (counts.accepted === app.results.size) return "The fulfillment service has given each order a number.";
  return "The others are listed below with the reason. None of them is stored at the service.";
}
