// One problem: where it is, what it is, what was found there, and what helps.

import type { Issue } from "pb-fulfillment";
import type { App } from "../app.ts";
import { button, h, type Child } from "../dom.ts";
import { shorten } from "../format.ts";
import { icon } from "../icons.ts";
import { locate } from "../text/scan.ts";

type Path = readonly (string | number)[];

const VALUE_LIMIT = 120;

/** A list item. `path` is the issue's path inside its order; `onMend` is offered when the mend is certain. */
export function drawIssue(app: App, issue: Issue, path: Path, onMend?: () => void): HTMLElement {
  const label = app.labels.labelOf(path);
  const value = valueAt(app, issue);
  // Most messages quote the value; where one does not, it is said behind it.
  const quoted = value === undefined || issue.message.includes(value.replace(/[“”]/g, "")) || issue.message.includes("…");
  return h(
    "li",
    { class: `issue ${issue.severity}`, "data-code": issue.code },
    icon(issue.severity),
    h(
      "div",
      { class: "issue-body" },
      h(
        "p",
        { class: "issue-message" },
        h("span", { class: "visually-hidden" }, issue.severity === "error" ? "Error: " : "Warning: "),
        drawMessage(issue, label),
        !quoted && [" ", h("code", { class: "value" }, shorten(value, VALUE_LIMIT))],
      ),
      issue.help && h("p", { class: "hint" }, issue.help),
      issue.fix &&
        h(
          "p",
          { class: "issue-fix" },
          h("span", {}, "Certain fix: ", describeFix(issue)),
          onMend && button("Mend", onMend, { class: "button small", "aria-label": `Mend ${label || "this"}` }),
        ),
    ),
  );
}

/** A message with the field's name made strong: most begin with it, and where one does not, it is put before. */
export function drawMessage(issue: Issue, label: string): Child {
  if (!label) return withValues(issue.message);
  return issue.message.startsWith(label)
    ? [h("strong", {}, label), withValues(issue.message.slice(label.length))]
    : [h("strong", {}, label, ": "), withValues(issue.message)];
}

/** A message with what it quotes set apart. */
function withValues(message: string): Child {
  return message
    .split(/(“[^”]*”)/)
    .map((part) => (part.startsWith("“") ? h("code", { class: "value" }, shorten(part.slice(1, -1), VALUE_LIMIT)) : part));
}

/** What a fix makes of the value: `“GB”`, or that the field goes. */
export function describeFix(issue: Issue): HTMLElement | string {
  if (!issue.fix) return "";
  if (issue.fix.op === "remove") return "leave the field out";
  return h("code", { class: "value new" }, shorten(readable(JSON.stringify(issue.fix.value)), VALUE_LIMIT));
}

/** What stands in the file where an issue points, as written; undefined where nothing short stands. */
export function valueAt(app: App, issue: Issue): string | undefined {
  const raw = rawAt(app, issue);
  return raw === undefined || raw.startsWith("{") || raw.startsWith("[") ? undefined : readable(raw);
}

/** The JSON text where an issue points; undefined where nothing stands. */
export function rawAt(app: App, issue: Issue): string | undefined {
  const span = issue.path.length > 0 ? locateFast(app, issue) : undefined;
  return span && app.checked?.document.text.slice(span.start, span.end);
}

/** Finds a value through its order's span, since walking from the root would pass every order before it. */
function locateFast(app: App, issue: Issue): { start: number; end: number } | undefined {
  const { checked } = app;
  if (!checked) return undefined;
  const { document } = checked;
  const order = issue.orderIndex === undefined ? undefined : document.orders[issue.orderIndex];
  if (!order) return locate(document.text, issue.path);
  const steps = document.shape === "envelope" ? 2 : 1;
  const inside = locate(document.text.slice(order.start, order.end), issue.path.slice(steps));
  return inside && { start: order.start + inside.start, end: order.start + inside.end };
}

function readable(raw: string): string {
  return raw.startsWith('"') && raw.length < 20_000 ? `“${raw.slice(1, -1)}”` : raw;
}
