// Mends the same wrong value in all orders at once: each distinct value of a kind of problem, with what to put instead.

import type { Announce } from "../announce.ts";
import type { App } from "../app.ts";
import { button, h, uniqueId } from "../dom.ts";
import { count, number, shorten } from "../format.ts";
import type { Kind } from "../kinds.ts";
import { orderText, pathInOrder } from "../text/document.ts";
import { asJson, setValue } from "../text/edit.ts";
import { valueAt } from "./issue.ts";
import { valuesList } from "./hints.ts";

/** With more distinct values than this a list of them helps nobody. */
const MOST_VALUES = 60;

/** Nothing where the values differ too much or are not single values. */
export function drawReplace(app: App, kind: Kind, announce: Announce): HTMLElement | undefined {
  const values = new Map<string, Kind["issues"]>();
  for (const issue of kind.issues) {
    if (!app.canChange(issue.orderIndex ?? 0)) continue;
    const value = valueAt(app, issue);
    if (value === undefined || issue.orderIndex === undefined) return undefined;
    const same = values.get(value);
    if (same) same.push(issue);
    else if (values.size >= MOST_VALUES) return undefined;
    else values.set(value, [issue]);
  }
  const first = kind.issues[0];
  if (!first || kind.issues.length < 2 || !app.checked) return undefined;
  const hint = app.labels.hintOf(pathInOrder(app.checked.document.shape, first.path));
  const list = valuesList(hint);
  const rows = [...values]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([value, issues]) => {
      const input = h("input", {
        id: uniqueId("replace"),
        type: "text",
        autocomplete: "off",
        spellcheck: "false",
        placeholder: "keep",
        maxlength: hint?.maxLength,
        list: list?.id,
      });
      return {
        issues,
        input,
        row: h(
          "li",
          {},
          h(
            "label",
            { for: input.id },
            h("code", { class: "value" }, shorten(value, 40)),
            h("span", { class: "hint" }, ` ${number(issues.length)}×`),
          ),
          input,
        ),
      };
    });

  function apply(): void {
    const { checked } = app;
    if (!checked) return;
    const texts = new Map<number, string>();
    let places = 0;
    for (const { input, issues } of rows) {
      if (input.value.trim() === "") continue;
      for (const issue of issues) {
        const index = issue.orderIndex ?? 0;
        const text = texts.get(index) ?? orderText(checked.document, index);
        const json = asJson(input.value, hint?.type);
        const changed = setValue(text, pathInOrder(checked.document.shape, issue.path), json);
        if (changed === undefined) continue;
        texts.set(index, changed);
        places += 1;
      }
    }
    if (places === 0) {
      announce("Nothing to replace: no new value was entered.");
      return;
    }
    app.replace(texts);
    announce(`${count(places, "value")} replaced in ${count(texts.size, "order")}.`);
  }

  return h(
    "details",
    { class: "replace" },
    h("summary", {}, `Replace values in all these orders (${count(values.size, "different value")})`),
    list,
    h(
      "ul",
      { class: "replace-list" },
      rows.map((row) => row.row),
    ),
    button("Replace", apply),
  );
}
