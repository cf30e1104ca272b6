// Development only: makes the emulated service misbehave, to see what the page, the client and the broker do about it.

import { button, h, uniqueId } from "../dom.ts";
import { FAULTS, readFaults, setFaults, type FaultSettings } from "../faults.ts";

/** Adds the panel when the server says that it is a development server; else does nothing. */
export function mountFaults(main: HTMLElement): void {
  void readFaults().then((settings) => {
    if (settings) main.append(drawPanel(settings));
  });
}

function drawPanel(settings: FaultSettings): HTMLElement {
  const status = h("p", { class: "hint", role: "status" });
  const kinds = FAULTS.map(({ name, label }) => ({
    name,
    box: h("input", { type: "checkbox", checked: settings.kinds.includes(name), value: name }),
    label,
  }));
  const share = h("input", {
    id: uniqueId("share"),
    type: "number",
    min: 0,
    max: 100,
    step: 5,
    value: Math.round(settings.probability * 100),
    inputmode: "numeric",
  });
  const seed = h("input", {
    id: uniqueId("seed"),
    type: "number",
    min: 0,
    max: 4_294_967_295,
    step: 1,
    value: settings.seed,
    inputmode: "numeric",
  });
  const refuse = h("input", {
    id: uniqueId("refuse"),
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    value: settings.refuse.join(", "),
    placeholder: "NW-10250, NW-10251",
  });

  async function apply(change: Partial<FaultSettings>): Promise<void> {
    status.textContent = "Setting…";
    try {
      await setFaults({
        kinds: kinds.filter((kind) => kind.box.checked).map((kind) => kind.name),
        probability: Math.min(Math.max(Number(share.value) || 0, 0), 100) / 100,
        seed: Math.max(0, Math.trunc(Number(seed.value) || 0)),
        refuse: refuse.value.split(/[\s,]+/).filter(Boolean),
        ...change,
      });
      status.textContent = change.kinds ? "The service behaves again." : "Set. The next sending meets these faults.";
    } catch {
      status.textContent = "The development server did not take this.";
    }
  }

  return h(
    "details",
    { class: "dev", id: "faults" },
    h("summary", {}, h("span", { class: "dev-badge" }, "Development only"), " Make the service misbehave"),
    h("p", { class: "hint" }, "The service behind this page is an emulator on this machine. No order leaves it."),
    h(
      "fieldset",
      {},
      h("legend", {}, "What goes wrong"),
      h(
        "div",
        { class: "dev-kinds" },
        kinds.map((kind) => h("label", { class: "check" }, kind.box, h("span", {}, kind.label))),
      ),
    ),
    h(
      "div",
      { class: "dev-fields" },
      h("div", { class: "field" }, h("label", { for: share.id }, "How often, in per cent"), share),
      h("div", { class: "field" }, h("label", { for: seed.id }, "Seed, to meet the same faults again"), seed),
      h("div", { class: "field" }, h("label", { for: refuse.id }, "Orders the shop does not approve"), refuse),
    ),
    h(
      "div",
      { class: "dev-actions" },
      button("Set faults", () => void apply({}), { id: "set-faults" }),
      button("No faults", () => {
        for (const kind of kinds) kind.box.checked = false;
        refuse.value = "";
        void apply({ kinds: [], probability: 0, refuse: [] });
      }),
      status,
    ),
  );
}
