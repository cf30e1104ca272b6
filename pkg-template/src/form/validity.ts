/** What the browser is told of the controls that are wrong, by its Constraint Validation. */
import type { Control } from "./controls.js";

/** The messages that were set on controls by us, and not by the page. */
export class CustomErrors {
  /** As they were set, and as the control gives them back: browsers change line breaks and cut off what is long. */
  readonly #ours = new Map<Control, { readonly set: string; readonly read: string | undefined }>();

  has(control: Control): boolean {
    return this.#ours.has(control);
  }

  /** Sets these messages and takes back all others. What the page itself has set stays. */
  replace(wanted: ReadonlyMap<Control, string>): void {
    for (const control of this.#ours.keys()) if (!wanted.has(control)) this.#set(control, "");
    for (const [control, message] of wanted) this.#set(control, message);
  }

  #set(control: Control, message: string): void {
    const ours = this.#ours.get(control);
    const { customError } = control.validity;
    if (control.willValidate && customError && (!ours || control.validationMessage !== ours.read)) {
      this.#ours.delete(control);
      return;
    }
    if (message !== ours?.set || customError !== (message !== "")) control.setCustomValidity(message);
    if (message === "") this.#ours.delete(control);
    else this.#ours.set(control, { set: message, read: control.validationMessage });
  }
}
