// A modal dialog: named by its heading, closed by Escape or its buttons, focus given back where it came from.

import { h, uniqueId, type Child } from "../dom.ts";

/** Shows a dialog and answers the way to close it. */
export function openDialog(title: string, body: Child, actions: (close: () => void) => Child, className = ""): () => void {
  const id = uniqueId("dialog");
  const dialog = h("dialog", { class: `dialog ${className}`, "aria-labelledby": id });
  const close = (): void => dialog.close();
  dialog.append(
    h("h2", { id, class: "dialog-title" }, title),
    h("div", { class: "dialog-body" }, body),
    h("div", { class: "dialog-actions" }, actions(close)),
  );
  dialog.addEventListener("close", () => dialog.remove());
  // A click on the backdrop lands on the dialog itself, outside its content box.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && outside(dialog, event)) close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

function outside(dialog: HTMLElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
