// Speaks to people who use a screen reader, and shows the same for a moment to all others.

import { h } from "./dom.ts";

const SHOWN_MS = 6000;

/** Makes the page's one polite live region and answers the way to speak through it. */
export function createAnnouncer(): (text: string) => void {
  const region = h("div", { class: "toast", role: "status", "aria-live": "polite" });
  document.body.append(region);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (text) => {
    clearTimeout(timer);
    region.textContent = text;
    region.classList.add("shown");
    timer = setTimeout(() => region.classList.remove("shown"), SHOWN_MS);
  };
}
