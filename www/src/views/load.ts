// The first step: a file is dropped or chosen, text is pasted, or a sample is loaded.

import type { Announce } from "../announce.ts";
import type { App } from "../app.ts";
import { button, fill, h, uniqueId } from "../dom.ts";
import { icon } from "../icons.ts";
import { drawUnreadable } from "./unreadable.ts";

const SAMPLES = [
  {
    file: "documented-sample.json",
    title: "One documented order",
    text: "The request from the API’s own reference.",
  },
  {
    file: "northwind-orders.json",
    title: "830 orders, ready to send",
    text: "A trading company’s book: 21 countries, five batches.",
  },
  {
    file: "northwind-raw.json",
    title: "830 orders, careless export",
    text: "The same book with wrong dates, countries and postal codes.",
  },
] as const;

/** Builds the step. `announce` speaks to people who do not see the page. */
export function createLoadView(app: App, announce: Announce): HTMLElement {
  const problem = h("div", {});
  const loaded = h("div", {});
  const status = h("p", { class: "field-error", role: "alert" });

  async function take(name: string, content: () => Promise<Uint8Array | string>): Promise<void> {
    status.textContent = app.sending ? "Orders are being sent. Wait for their outcomes, or stop the sending first." : "";
    if (app.sending) return;
    try {
      app.load(name, await content());
    } catch {
      status.textContent = `${name} could not be read. Check that the file is still there and try again.`;
    }
  }

  const takeFile = (file: File): Promise<void> => take(file.name, async () => new Uint8Array(await file.arrayBuffer()));

  const input = h("input", {
    type: "file",
    id: uniqueId("file"),
    class: "visually-hidden",
    accept: ".json,application/json,text/plain",
    onchange: () => {
      const file = input.files?.[0];
      // The same file may be chosen again after it was mended in another program.
      if (file) void takeFile(file).then(() => (input.value = ""));
    },
  });

  const drop = h(
    "div",
    { class: "drop" },
    h("span", { class: "drop-icon" }, icon("upload")),
    h("p", { class: "drop-title" }, "Drop a file of orders here"),
    h("p", { class: "hint" }, "JSON: a list of orders, or a single one. It is checked right here, in your browser."),
    h("div", { class: "drop-actions" }, input, h("label", { for: input.id, class: "button primary" }, "Choose a file")),
    status,
  );
  listenForDrops(drop, (file) => void takeFile(file));

  const paste = h("textarea", {
    id: uniqueId("paste"),
    class: "code",
    rows: 5,
    spellcheck: "false",
    autocomplete: "off",
    placeholder: '{ "orders": [ … ] }',
  });
  const pasteForm = h(
    "div",
    { class: "paste" },
    h("label", { for: paste.id, class: "label" }, "Or paste orders"),
    paste,
    button("Check pasted orders", () => {
      if (paste.value.trim()) void take("Pasted orders", () => Promise.resolve(paste.value));
      else {
        status.textContent = "Nothing was pasted yet.";
        paste.focus();
      }
    }),
  );

  const samples = h(
    "section",
    { class: "samples", "aria-labelledby": "samples-title" },
    h("h2", { id: "samples-title", class: "label" }, "Or try a sample"),
    h(
      "ul",
      { class: "sample-list" },
      SAMPLES.map((sample) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              class: "sample",
              "data-sample": sample.file,
              onclick: () => {
                announce(`Loading ${sample.title}`, "spoken");
                void take(sample.file, async () => {
                  const response = await fetch(`/samples/${sample.file}`);
                  if (!response.ok) throw new Error(`status ${response.status}`);
                  return new Uint8Array(await response.arrayBuffer());
                });
              },
            },
            h("span", { class: "sample-title" }, sample.title),
            h("span", { class: "hint" }, sample.text),
          ),
        ),
      ),
    ),
  );

  function drawLoaded(): HTMLElement | false {
    return (
      app.checked !== undefined &&
      h(
        "div",
        { class: "notice loaded" },
        h("p", {}, h("strong", {}, app.fileName), " is open. Another file takes its place, with all changes and outcomes shown here."),
        button("Back to it", () => app.go("check")),
      )
    );
  }

  app.onChange((change) => {
    if (change !== "file" && change !== "step") return;
    fill(loaded, drawLoaded());
    fill(problem, app.unreadable && drawUnreadable(app.fileName, app.unreadable));
    if (app.unreadable) problem.querySelector<HTMLElement>("h2")?.focus();
    if (app.checked) paste.value = "";
  });

  return h(
    "div",
    { class: "step step-load" },
    h("h1", { tabindex: -1 }, "Send orders for fulfillment"),
    h("p", { class: "lead" }, "Check a file of orders, mend what is wrong, send it, and see what became of each order."),
    problem,
    loaded,
    h("div", { class: "load-grid" }, drop, pasteForm),
    samples,
  );
}

/** Files may be dropped anywhere on the page while the step is shown; the zone shows where they go. */
function listenForDrops(zone: HTMLElement, take: (file: File) => void): void {
  let depth = 0;
  const shown = (): boolean => zone.offsetParent !== null;
  const carriesFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  const mark = (over: boolean): void => void zone.classList.toggle("over", over);
  addEventListener("dragenter", (event) => {
    if (!carriesFile(event)) return;
    depth += 1;
    mark(true);
  });
  addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (depth === 0) mark(false);
  });
  // Without this a file dropped beside the zone would replace the page.
  addEventListener("dragover", (event) => {
    if (carriesFile(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    depth = 0;
    mark(false);
    const file = event.dataTransfer?.files[0];
    if (file && shown()) take(file);
  });
}
