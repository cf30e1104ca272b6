// Asks what a person must decide before orders go out: those with errors, those with warnings, those without an answer.

import type { App } from "../app.ts";
import type { CheckedOrder } from "../check.ts";
import { button, fill, h, uniqueId } from "../dom.ts";
import { count, number } from "../format.ts";
import { openDialog } from "./dialog.ts";

/** Opens the question. It is asked for every sending, since the answers depend on what is in the file now. */
export function openSend(app: App): void {
  const { checked } = app;
  if (!checked || app.sending) return;
  const byOutcome = (order: CheckedOrder): string | undefined => app.results.get(order.index)?.outcome;
  const accepted = checked.orders.filter((order) => byOutcome(order) === "accepted");
  const lost = checked.orders.filter((order) => byOutcome(order) === "unknown");
  const open = checked.orders.filter((order) => byOutcome(order) !== "accepted" && byOutcome(order) !== "unknown");

  const choice = { skipBad: true, withWarnings: false, withLost: false, resend: false };

  const send = button(
    "",
    () => {
      const bad = candidates().some((order) => order.errors > 0);
      if (bad && !choice.skipBad) {
        close();
        app.setFilter({ severity: "error", kind: undefined, query: "" });
        document.querySelector<HTMLElement>(".step-check .orders")?.focus();
        return;
      }
      close();
      app.send({
        indices: candidates().map((order) => order.index),
        onInvalid: choice.skipBad ? "skip" : "stop",
        onAmbiguous: choice.resend ? "resend" : "report",
      });
    },
    { class: "button primary", id: "confirm-send" },
  );

  const candidates = (): CheckedOrder[] => (choice.withLost ? [...open, ...lost].sort((a, b) => a.index - b.index) : open);

  function draw(): void {
    const all = candidates();
    const bad = all.filter((order) => order.errors > 0).length;
    const doubtful = all.filter((order) => order.errors === 0 && order.warnings > 0).length;
    const going = all.length - bad;
    warned.hidden = doubtful === 0;
    fill(
      warnedText,
      h("strong", {}, doubtful === 1 ? "1 order has warnings." : `${number(doubtful)} orders have warnings.`),
      " I have looked at them; send these orders as they are.",
    );
    const stops = bad > 0 && !choice.skipBad;
    send.textContent = stops ? `Go and mend ${count(bad, "order")}` : going === 0 ? "Nothing to send" : `Send ${count(going, "order")}`;
    send.disabled = !stops && (going === 0 || (doubtful > 0 && !choice.withWarnings));
  }

  const errors = open.filter((order) => order.errors > 0).length;
  const group = uniqueId("bad");
  const badChoice =
    errors > 0 &&
    h(
      "fieldset",
      {},
      h("legend", {}, `${count(errors, "order")} ${errors === 1 ? "has" : "have"} errors`),
      radio(group, `Leave ${errors === 1 ? "it" : "them"} out and send the others`, true, () => set({ skipBad: true }), "skip"),
      radio(group, "Stop: send nothing until all are mended", false, () => set({ skipBad: false }), "stop"),
    );
  const warnedText = h("span", {});
  const warned = check(warnedText, () => set({ withWarnings: !choice.withWarnings }), "confirm-warnings");
  const lostChoice =
    lost.length > 0 &&
    check(
      [
        h("strong", {}, `${count(lost.length, "order")} got no answer last time.`),
        " Send again too. I have looked them up: the service does not have them.",
      ],
      () => {
        // There may be other warnings now than those that were agreed to.
        for (const box of warned.querySelectorAll("input")) box.checked = false;
        set({ withLost: !choice.withLost, withWarnings: false });
      },
    );
  const resend = h(
    "details",
    {},
    h("summary", {}, "If the connection is cut while sending"),
    h(
      "p",
      { class: "hint" },
      "The service may have stored orders whose answer was lost. Sending them again by itself is only right when the service updates an order that comes twice; else it may be shipped twice.",
    ),
    check("Send again by itself", () => set({ resend: !choice.resend })),
  );

  function set(change: Partial<typeof choice>): void {
    Object.assign(choice, change);
    draw();
  }

  const close = openDialog(
    "Send orders",
    [
      accepted.length > 0 && h("p", {}, `${count(accepted.length, "order")} already accepted: left out.`),
      badChoice,
      warned,
      lostChoice,
      resend,
    ],
    (shut) => [send, button("Cancel", shut)],
  );
  draw();
}

function radio(name: string, label: string, checked: boolean, onchange: () => void, value: string): HTMLElement {
  return h("label", { class: "check" }, h("input", { type: "radio", name, value, checked, onchange }), h("span", {}, label));
}

function check(label: Parameters<typeof fill>[1], onchange: () => void, id?: string): HTMLElement {
  return h("label", { class: "check" }, h("input", { type: "checkbox", onchange, id }), h("span", {}, label));
}
