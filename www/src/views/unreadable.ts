// What is shown for a text that is not JSON: where it breaks, with the line around the place.

import { placeOf, type Unreadable } from "../check.ts";
import { h } from "../dom.ts";
import { number } from "../format.ts";
import { icon } from "../icons.ts";

const AROUND = 36;

/** The message, and an excerpt with a mark under the place when it is known. */
export function drawUnreadable(name: string, { text, issue }: Unreadable): HTMLElement {
  const place = placeOf(issue);
  return h(
    "section",
    { class: "notice bad", "aria-labelledby": "unreadable-title" },
    h("h2", { id: "unreadable-title", tabindex: -1, class: "notice-title" }, icon("error"), `${name} cannot be read`),
    h("p", {}, issue.message),
    issue.help && h("p", { class: "hint" }, issue.help),
    place && h("p", { class: "place" }, `Line ${number(place.line)}, column ${number(place.column)}`),
    place && excerpt(text, place.line, place.column),
  );
}

function excerpt(text: string, line: number, column: number): HTMLElement | undefined {
  const whole = text.split(/\r\n|\n|\r/, line)[line - 1];
  if (whole === undefined) return undefined;
  // Columns count characters, not UTF-16 units.
  const points = Array.from(whole);
  const at = Math.min(Math.max(column - 1, 0), points.length);
  const from = Math.max(0, at - AROUND);
  const before = points.slice(from, at).join("");
  const mark = points[at] ?? " ";
  const after = points.slice(at + 1, at + AROUND).join("");
  return h(
    "pre",
    { class: "excerpt", tabindex: 0, "aria-label": "The text around the place" },
    from > 0 && "…",
    before,
    h("mark", {}, mark),
    after,
    at + AROUND < points.length && "…",
  );
}
