// Starts the page: loads the validator, builds the three steps and shows one of them at a time.

import { loadValidator } from "pb-fulfillment";
import { App, type Step } from "./app.ts";
import { fill, h } from "./dom.ts";
import { createAnnouncer } from "./announce.ts";
import { explain } from "./sending.ts";
import { createCheckView } from "./views/check.ts";
import { mountFaults } from "./views/faults.ts";
import { createLoadView } from "./views/load.ts";
import { createSendView } from "./views/send.ts";

const STEPS: readonly (readonly [Step, string])[] = [
  ["load", "Orders"],
  ["check", "Check"],
  ["send", "Outcomes"],
];

async function start(main: HTMLElement, nav: HTMLElement): Promise<void> {
  const app = new App(await loadValidator());
  const announce = createAnnouncer();
  const views: Record<Step, HTMLElement> = {
    load: createLoadView(app, announce),
    check: createCheckView(app, announce),
    send: createSendView(app, announce),
  };
  const buttons = STEPS.map(([step, label], position) => ({
    step,
    element: h(
      "button",
      { type: "button", class: "nav-step", "data-step": step, onclick: () => app.go(step) },
      h("span", { class: "nav-number", "aria-hidden": "true" }, position + 1),
      label,
    ),
  }));
  fill(
    nav,
    h(
      "ol",
      {},
      buttons.map((each) => h("li", {}, each.element)),
    ),
  );
  fill(main, views.load, views.check, views.send);
  mountFaults(main);

  let shown: Step | undefined;
  function show(): void {
    for (const { step, element } of buttons) {
      element.disabled = step !== "load" && !app.checked;
      if (step === app.step) element.setAttribute("aria-current", "step");
      else element.removeAttribute("aria-current");
      views[step].hidden = step !== app.step;
    }
    if (shown !== undefined && shown !== app.step) {
      scrollTo({ top: 0 });
      views[app.step].querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    }
    shown = app.step;
  }
  app.onChange((change) => {
    if (change === "step") show();
  });
  show();

  // Leaving while orders are under way would leave them without an outcome.
  addEventListener("beforeunload", (event) => {
    if (app.sending) event.preventDefault();
  });
  document.documentElement.dataset["ready"] = "true";
}

const main = document.getElementById("main");
const nav = document.getElementById("steps");
if (main && nav) {
  start(main, nav).catch((error: unknown) => {
    fill(
      main,
      h(
        "section",
        { class: "notice bad", role: "alert" },
        h("h1", {}, "The page could not start"),
        h("p", {}, explain(error)),
        h("p", { class: "hint" }, "Reload the page. If that does not help, your browser may be too old or may block WebAssembly."),
      ),
    );
  });
}
