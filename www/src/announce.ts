// Tells what happened to people who do not see the page, and, where the page does not show it anyway, to all others.

import { h } from "./dom.ts";

/** Says a sentence: `shown` for a moment to everyone, or only `spoken` by a screen reader. `shown` unless said. */
export type Announce = (text: string, how?: "shown" | "spoken") => void;

const SHOWN_MS = 6000;

/** Makes the page's one polite live region and answers the way to speak through it. */
export function createAnnouncer(): Announce {
  const region = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  const toast = h("div", { class: "toast", "aria-hidden": "true" });
  document.body.append(region, toast);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (text, how = "shown") => {
    region.textContent = text;
    clearTimeout(timer);
    toast.textContent = text;
    toast.classList.toggle("shown", how === "shown");
    timer = setTimeout(() => toast.classList.remove("shown"), SHOWN_MS);
  };
}
