// Asks for the time zone of dates that do not say theirs, and writes them all in UTC. Only a person can know the zone,
// so this is no certain fix; but it is one answer for thousands of dates.

import type { Issue } from "pb-fulfillment";
import type { Announce } from "../announce.ts";
import type { App } from "../app.ts";
import { button, fill, h, uniqueId } from "../dom.ts";
import { count } from "../format.ts";
import { orderText, pathInOrder } from "../text/document.ts";
import { setValue } from "../text/edit.ts";
import { readString } from "../text/scan.ts";
import { lacksZone, toUtc, zones } from "../text/zone.ts";
import { openDialog } from "./dialog.ts";
import { rawAt } from "./issue.ts";

const EXAMPLES = 3;

interface LooseDate {
  readonly issue: Issue;
  readonly text: string;
}

/** The wrong dates of the file that only lack their zone. */
export function datesWithoutZone(app: App): readonly LooseDate[] {
  const found: LooseDate[] = [];
  for (const issue of app.checked?.report.issues ?? []) {
    if (issue.code !== "date_time" || !app.canChange(issue.orderIndex ?? 0)) continue;
    const raw = rawAt(app, issue);
    const text = raw?.startsWith('"') ? readString(raw) : "";
    if (lacksZone(text)) found.push({ issue, text });
  }
  return found;
}

/** Opens the question. */
export function openZones(app: App, dates: readonly LooseDate[], announce: Announce): void {
  const examples = h("div", { class: "examples", role: "status" });
  const select = h(
    "select",
    { id: uniqueId("zone"), onchange: drawExamples },
    zones().map((zone) => h("option", { value: zone }, zone.replaceAll("_", " "))),
  );

  function drawExamples(): void {
    fill(
      examples,
      h(
        "table",
        {},
        h(
          "tbody",
          {},
          dates
            .slice(0, EXAMPLES)
            .map(({ issue, text }) =>
              h(
                "tr",
                {},
                h("th", { scope: "row" }, issue.clientOrderId ?? ""),
                h("td", {}, h("code", { class: "value" }, text)),
                h("td", { class: "arrow-cell", "aria-hidden": "true" }, "→"),
                h("td", {}, h("code", { class: "value new" }, toUtc(text, select.value) ?? "no such date")),
              ),
            ),
        ),
      ),
    );
  }

  function apply(): void {
    const { checked } = app;
    if (!checked) return;
    const texts = new Map<number, string>();
    let places = 0;
    for (const { issue, text } of dates) {
      const moment = toUtc(text, select.value);
      if (moment === undefined) continue;
      const index = issue.orderIndex ?? 0;
      const order = texts.get(index) ?? orderText(checked.document, index);
      const changed = setValue(order, pathInOrder(checked.document.shape, issue.path), JSON.stringify(moment));
      if (changed === undefined) continue;
      texts.set(index, changed);
      places += 1;
    }
    app.replace(texts);
    announce(`${count(places, "date")} written in UTC in ${count(texts.size, "order")}. The file was checked again.`);
    document.querySelector<HTMLElement>(".step-check h1")?.focus();
  }

  drawExamples();
  openDialog(
    "Dates without a time zone",
    [
      h(
        "p",
        { class: "hint" },
        `${count(dates.length, "date")} in this file ${dates.length === 1 ? "does" : "do"} not say in which time zone. Only you can know: ask whoever made the file if you are not sure.`,
      ),
      h("div", { class: "field" }, h("label", { for: select.id }, "They are in the time of"), select),
      examples,
    ],
    (close) => [
      button(
        `Write ${count(dates.length, "date")} in UTC`,
        () => {
          close();
          apply();
        },
        { class: "button primary", id: "apply-zone" },
      ),
      button("Cancel", close),
    ],
  );
}
