// Moves through the pages of a list.

import { button, h } from "../dom.ts";
import { number } from "../format.ts";

/** Nothing for a single page. `page` counts from 0. */
export function drawPager(page: number, pages: number, what: string, go: (page: number) => void): HTMLElement | undefined {
  if (pages < 2) return undefined;
  return h(
    "nav",
    { class: "pager", "aria-label": `Pages of ${what}` },
    button("Previous", () => go(page - 1), { disabled: page === 0 }),
    h("span", { class: "hint" }, `Page ${number(page + 1)} of ${number(pages)}`),
    button("Next", () => go(page + 1), { disabled: page >= pages - 1 }),
  );
}
