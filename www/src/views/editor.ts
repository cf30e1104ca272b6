// Changes one order in place: the fields that are wrong, and its whole text. It is checked while it is changed.

import type { Issue } from "pb-fulfillment";
import type { App } from "../app.ts";
import type { CheckedOrder } from "../check.ts";
import { button, fill, h, uniqueId } from "../dom.ts";
import { count } from "../format.ts";
import { orderText, pathInOrder } from "../text/document.ts";
import { asJson, layOut, setValue } from "../text/edit.ts";
import { locate, readString } from "../text/scan.ts";
import { drawMessage } from "./issue.ts";
import { limitsOf, valuesList } from "./hints.ts";

type Path = readonly (string | number)[];

const CHECK_AFTER_MS = 150;
const MOST_FIELDS = 12;
const MOST_MESSAGES = 8;

/** The editor. `close(true)` is called after the order was put back into the file, `close(false)` when nothing changed. */
export function createEditor(app: App, order: CheckedOrder, name: string, close: (saved: boolean) => void): HTMLElement {
  const { checked } = app;
  if (!checked) return h("div", {});
  const { shape } = checked.document;
  const textarea = h("textarea", {
    id: uniqueId("order"),
    class: "code",
    rows: 14,
    spellcheck: "false",
    autocomplete: "off",
    value: layOut(orderText(checked.document, order.index)),
    oninput: () => {
      readFields();
      checkSoon();
    },
  });
  const verdict = h("div", { class: "editor-verdict", role: "status" });
  const save = button(
    "Save and check",
    () => {
      app.replace(new Map([[order.index, textarea.value.trim()]]));
      close(true);
    },
    { class: "button primary" },
  );

  const fields = pathsToMend(order.issues, (issue) => pathInOrder(shape, issue.path), textarea.value).map((path) => drawField(path));

  function drawField(path: Path): { read: () => void; element: HTMLElement } {
    const hint = app.labels.hintOf(path);
    const list = valuesList(hint);
    const limits = limitsOf(hint);
    const description = h("span", { class: "hint", id: uniqueId("limits") }, limits);
    const input = h("input", {
      id: uniqueId("field"),
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      list: list?.id,
      "aria-describedby": limits ? description.id : undefined,
      oninput: () => {
        const changed = setValue(textarea.value, path, asJson(input.value, hint?.type));
        if (changed !== undefined) textarea.value = changed;
        checkSoon();
      },
    });
    const read = (): void => {
      const span = locate(textarea.value, path);
      const raw = span ? textarea.value.slice(span.start, span.end) : "";
      input.value = raw.startsWith('"') ? readString(raw) : raw;
    };
    read();
    return {
      read,
      element: h("div", { class: "field" }, h("label", { for: input.id }, app.labels.labelOf(path)), input, limits && description, list),
    };
  }

  function readFields(): void {
    for (const field of fields) field.read();
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  function checkSoon(): void {
    clearTimeout(timer);
    timer = setTimeout(checkNow, CHECK_AFTER_MS);
  }

  function checkNow(): void {
    const issues = app.checkOrder(textarea.value);
    const malformed = !isOneObject(textarea.value);
    save.disabled = malformed;
    const errors = issues.filter((issue) => issue.severity === "error").length;
    fill(
      verdict,
      h(
        "p",
        { class: "editor-count" },
        malformed
          ? "This cannot be read yet:"
          : issues.length === 0
            ? "Nothing found in this order."
            : [errors > 0 && count(errors, "error"), issues.length > errors && count(issues.length - errors, "warning")]
                .filter(Boolean)
                .join(", "),
      ),
      issues.length > 0 &&
        h(
          "ul",
          { class: "editor-issues" },
          issues
            .slice(0, MOST_MESSAGES)
            .map((issue) => h("li", { class: issue.severity }, drawMessage(issue, app.labels.labelOf(issue.path)))),
          issues.length > MOST_MESSAGES && h("li", { class: "hint" }, `and ${issues.length - MOST_MESSAGES} more`),
        ),
    );
  }

  checkNow();
  const element = h(
    "div",
    {
      class: "editor",
      role: "group",
      "aria-label": `Change ${name}`,
      onkeydown: (event) => {
        if (event instanceof KeyboardEvent && event.key === "Escape") {
          event.stopPropagation();
          close(false);
        }
      },
    },
    fields.length > 0 &&
      h(
        "div",
        { class: "fields" },
        fields.map((field) => field.element),
      ),
    h(
      "details",
      { class: "whole", open: fields.length === 0 },
      h("summary", {}, "The whole order as JSON"),
      h("label", { for: textarea.id, class: "visually-hidden" }, `${name} as JSON`),
      textarea,
    ),
    verdict,
    h(
      "div",
      { class: "editor-actions" },
      save,
      button("Cancel", () => close(false)),
    ),
  );
  queueMicrotask(() => element.querySelector<HTMLElement>("input, textarea")?.focus());
  return element;
}

/** The places that a single field can mend: each once, and only where a single value or nothing stands. */
function pathsToMend(issues: readonly Issue[], inOrder: (issue: Issue) => Path, text: string): Path[] {
  const paths = new Map<string, Path>();
  for (const issue of issues) {
    const path = inOrder(issue);
    if (path.length === 0 || typeof path.at(-1) !== "string") continue;
    const span = locate(text, path);
    const first = span ? text[span.start] : "";
    if (first === "{" || first === "[" || !locate(text, path.slice(0, -1))) continue;
    paths.set(JSON.stringify(path), path);
  }
  return [...paths.values()].slice(0, MOST_FIELDS);
}

function isOneObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
