// What is shown for a text that is not JSON: where it breaks, with the line around the place.

import type { Unreadable } from "../check.ts";
import { h, type Child } from "../dom.ts";
import { shorten } from "../format.ts";
import { icon } from "../icons.ts";

/** Characters shown before and after the place, and whole lines before it: a missing comma is often one line up. */
const AROUND = 60;
const LINES_BEFORE = 2;

/** The message, and an excerpt with a mark under the place when it is known. */
export function drawUnreadable(name: string, { text, issue }: Unreadable): HTMLElement {
  const place = issue.position;
  return h(
    "section",
    { class: "notice bad", "aria-labelledby": "unreadable-title" },
    h("h2", { id: "unreadable-title", tabindex: -1, class: "notice-title" }, icon("error"), `${name} cannot be read`),
    h("p", {}, issue.message),
    issue.help && h("p", { class: "hint" }, issue.help),
    place && excerpt(text, place.line, place.column),
  );
}

function excerpt(text: string, line: number, column: number): HTMLElement | undefined {
  const lines = text.split(/\r\n|\n|\r/, line + 1);
  const broken = lines[line - 1];
  if (broken === undefined) return undefined;
  // Columns count characters, not UTF-16 units.
  const points = Array.from(broken);
  const at = Math.min(Math.max(column - 1, 0), points.length);
  const from = Math.max(0, at - AROUND);
  const first = Math.max(1, line - LINES_BEFORE);
  const gutter = String(line + 1).length;
  const row = (position: number, content: Child): Child => [
    h("span", { class: "excerpt-line" }, `${String(position).padStart(gutter)}  `),
    content,
    "\n",
  ];
  return h(
    "pre",
    { class: "excerpt", tabindex: 0, "aria-label": "The text around the place" },
    lines.slice(first - 1, line - 1).map((whole, index) => row(first + index, shorten(whole, 2 * AROUND))),
    row(line, [
      from > 0 && "…",
      points.slice(from, at).join(""),
      h("mark", {}, points[at] ?? " "),
      points.slice(at + 1, at + AROUND).join(""),
      at + AROUND < points.length && "…",
    ]),
    lines.slice(line, line + 1).map((whole) => row(line + 1, shorten(whole, 2 * AROUND))),
  );
}
