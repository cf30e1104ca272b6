/** A form and its checks: what is read when, what is shown when, and what becomes of a submission. */
import type { Order } from "../generated/model.js";
import { stray } from "../stray.js";
import type { Builder, Issue, ValidationReport, Validator } from "../types.js";
import { isControl, isSubmitter, type Control } from "./controls.js";
import { Fittings } from "./fittings.js";
import type { Entry } from "./messages.js";
import { Names } from "./names.js";
import { throwIfAborted, type BindFormOptions, type FormBinding } from "./options.js";
import { own } from "./own.js";
import { Progresses } from "./progress.js";
import { groups, readOrder, type Group, type Reading, type Spot } from "./read.js";
import { CustomErrors } from "./validity.js";
import { Wording } from "./wording.js";

/** What a check found, by where it belongs. */
interface Findings {
  readonly report: ValidationReport;
  readonly json: string;
  readonly reading: Reading;
  readonly groups: readonly Group[];
  readonly byGroup: ReadonlyMap<Group, readonly { readonly issue: Issue; readonly spot: Spot }[]>;
  /** What no control of the form is about. */
  readonly rest: readonly Issue[];
}

export class Binding implements FormBinding {
  readonly form: HTMLFormElement;
  readonly #options: BindFormOptions;
  readonly #wording: Wording;
  readonly #ended: () => void;
  readonly #listening = new AbortController();
  readonly #observer: MutationObserver;
  readonly #progress = new Progresses();
  readonly #validity = new CustomErrors();
  #validator: Validator | undefined;
  /** Only where the order is to be completed. */
  #builder: Builder | undefined;
  #names: Names | undefined;
  #fittings: Fittings | undefined;
  #findings: Findings | undefined;
  #order: Order | undefined;
  #stale = true;
  #scheduled = false;
  /** The page is hearing of a check. */
  #reporting = false;
  /** The order that it has heard of last. */
  #told: string | undefined;
  /** The next check is about what it did when it heard of the last. */
  #echo = false;
  #pressed = false;
  #attempted = false;
  /** How far the browser is with an attempt to submit. */
  #attempt: "none" | "begun" | "refused" = "none";
  #sending = false;
  /** A submission from before the form could be checked. */
  #early: { readonly submitter: HTMLElement | null } | undefined;

  constructor(form: HTMLFormElement, options: BindFormOptions, ended: () => void) {
    this.form = form;
    this.#options = options;
    this.#wording = new Wording(options);
    this.#ended = ended;
    this.#observer = new MutationObserver((records) => this.#restructured(records));
    this.#listen();
  }

  /** Begins to check, with what the form holds by now. */
  start(validator: Validator, builder: Builder | undefined): void {
    throwIfAborted(this.#options.signal);
    this.#validator = validator;
    this.#builder = builder;
    this.#names = new Names(validator);
    this.#fittings = new Fittings(this.form, this.#names);
    const attributeFilter = ["name", "type", "disabled", "readonly", "form"];
    this.#observer.observe(this.form, { childList: true, subtree: true, attributes: true, attributeFilter });
    this.#check();
    if (!this.#early) return;
    const { submitter } = this.#early;
    this.#early = undefined;
    this.#attempt = "begun";
    // The button may be gone by now.
    own(this.form, "requestSubmit")((submitter as HTMLButtonElement | null)?.form === this.form ? submitter : null);
    this.#attempt = "none";
  }

  get report(): ValidationReport {
    return this.#found().report;
  }

  get json(): string {
    return this.#found().json;
  }

  get order(): Order {
    const { json } = this.#found();
    return (this.#order ??= JSON.parse(json) as Order);
  }

  validate(): ValidationReport {
    return this.#check().report;
  }

  reportValidity(): boolean {
    this.#check();
    this.#revealAll();
    if (this.#mayBeSubmitted()) return true;
    this.#focusFirst();
    return false;
  }

  applyFixes(): number {
    const { byGroup } = this.#check();
    const found = [...byGroup].filter(([{ controls }]) => !this.#progress.of(controls[0]).composing);
    const fixes = found.flatMap(([, found]) => found.flatMap(({ issue, spot }) => this.#wording.fix(issue, spot)?.apply ?? []));
    for (const apply of fixes) apply();
    this.#check();
    return fixes.length;
  }

  unbind(): void {
    if (this.#listening.signal.aborted) return;
    this.#listening.abort();
    this.#observer.disconnect();
    this.#validity.replace(new Map());
    this.#fittings?.remove();
    this.#ended();
  }

  /** What the last check found; of a control that has come or gone since, outside of the form, nothing else tells. */
  #found(): Findings {
    const found = this.#findings;
    return found && (this.#listening.signal.aborted || this.#fits()) ? found : this.#check();
  }

  /** Whether the controls are those of the last check. */
  #fits(): boolean {
    return this.#names !== undefined && this.#fittings?.fits(groups(this.form, this.#names)) === true;
  }

  #listen(): void {
    const { signal } = this.#listening;
    const { form } = this;
    // A control may stand elsewhere and name its form; what it does is seen from the root of the tree.
    const root = own(form, "getRootNode")();
    const listen = (target: EventTarget, type: string, heard: (event: Event) => void, capture = false): void =>
      own(target, "addEventListener")(type, heard, { signal, capture });
    const ofControl = (heard: (control: Control, event: Event) => void) => (event: Event) => {
      // Not the innermost: a control of the page's own may hold one of the browser's.
      const { target } = event;
      if (isControl(target) && formOf(target) === form) heard(target, event);
    };
    const outside = (heard: (event: Event) => void) => (event: Event) => {
      if (!event.composedPath().includes(form)) heard(event);
    };
    const events: Record<string, (event: Event) => void> = {
      input: ofControl((control, event) => this.#edited(control, false, (event as Partial<InputEvent>).isComposing)),
      compositionend: ofControl((control) => this.#edited(control, false)),
      change: ofControl((control) => this.#edited(control, true)),
      focusout: ofControl((control) => this.#left(control)),
    };
    for (const [type, heard] of Object.entries(events)) {
      listen(form, type, heard);
      if (root !== form) listen(root, type, outside(heard));
    }
    listen(root, "pointerdown", () => (this.#pressed = true), true);
    // Who goes on by keyboard presses nothing any more, though the page has kept the release from us.
    for (const type of ["pointerup", "pointercancel", "keydown"]) listen(root, type, () => this.#released(), true);
    listen(root, "click", (event) => this.#clicked(event), true);
    // The browser says so of each control that is wrong, of a button too, and only to the control itself.
    listen(root, "invalid", (event) => formOf(event.target) === form && this.#refused(event), true);
    listen(form, "submit", (event) => this.#submitted(event as SubmitEvent), true);
    // The values are set back only after this event.
    listen(form, "reset", (event) => void setTimeout(() => event.defaultPrevented || this.#forget()));
    this.#options.signal?.addEventListener("abort", () => this.unbind(), { signal });
  }

  #edited(control: Control, done: boolean, composing = false): void {
    const progress = this.#progress.of(control);
    progress.edited = true;
    progress.editing = !done;
    progress.composing = composing;
    progress.revealed ||= done;
    this.#schedule();
  }

  #left(control: Control): void {
    const progress = this.#progress.of(control);
    if (!progress.edited) return;
    Object.assign(progress, { editing: false, composing: false, revealed: true });
    this.#schedule();
  }

  /** A message that appears between press and release moves the button from under the pointer; it waits for the release. */
  #released(): void {
    if (!this.#pressed) return;
    this.#pressed = false;
    setTimeout(() => this.#validator && this.#check());
  }

  /** What the page does to its form is checked if it is about the controls; pages write into their forms what they hear of a check. */
  #restructured(records: readonly MutationRecord[]): void {
    if (records.length === 0) return;
    // Such as its type, or the choices of a select.
    const isOfControl = ({ target }: MutationRecord): boolean => [...this.#progress.controls].some((control) => control.contains(target));
    if (this.#fits() && this.#fittings?.stand() && !records.some(isOfControl)) return;
    this.#stale = true;
    this.#schedule();
  }

  /** All that happens at once is checked once. */
  #schedule(): void {
    this.#scheduled = true;
    const check = (): void => {
      if (this.#scheduled && !this.#listening.signal.aborted && this.#validator) this.#check();
    };
    // A page that at each report does what calls for another check never comes to rest, but is not to freeze.
    if (this.#reporting) setTimeout(check);
    else queueMicrotask(check);
  }

  #forget(): void {
    this.#attempted = false;
    this.#progress.forget();
    if (this.#validator) this.#check();
  }

  #check(): Findings {
    const [validator, names, fittings] = [this.#validator, this.#names, this.#fittings];
    if (!validator || !names || !fittings || this.#listening.signal.aborted) {
      if (this.#findings) return this.#findings;
      throw new TypeError("bindForm: the form is not bound any more.");
    }
    this.#restructured(this.#observer.takeRecords());
    this.#scheduled = false;
    const found = groups(this.form, names);
    this.#progress.follow(found);
    if (this.#stale || !fittings.fits(found)) {
      const blank = readOrder(found, names, { defaults: this.#options.defaults, blank: true });
      const { report } = this.#judge(validator, blank.json);
      const missing = report.issues.filter(isError).map(({ pointer }) => blank.spots.get(pointer));
      fittings.fit(found, missing);
      this.#stale = false;
    }
    const reading = readOrder(found, names, { defaults: this.#options.defaults });
    const { json, report } = this.#judge(validator, reading.json);
    const findings = { report, json, reading, groups: found, ...this.#place(report, reading) };
    this.#findings = findings;
    this.#order = undefined;
    this.#tellBrowser(findings);
    if (!this.#pressed) this.#show(findings);
    // What was just changed is no news.
    this.#observer.takeRecords();
    this.#tell(findings);
    return this.#findings;
  }

  /** Tells the page. What it does then is checked when it is done, and told of if it is news. */
  #tell({ json, report }: Findings): void {
    const { onReport } = this.#options;
    const isKnown = this.#echo && json === this.#told;
    this.#echo = false;
    if (!onReport || this.#reporting || isKnown) return;
    this.#told = json;
    this.#reporting = true;
    try {
      onReport(report);
    } catch (error) {
      stray(error);
    }
    this.#restructured(this.#observer.takeRecords());
    if (this.#findings?.json !== json) this.#schedule();
    this.#reporting = false;
    this.#echo = this.#scheduled;
  }

  #judge(validator: Validator, json: string): { json: string; report: ValidationReport } {
    const { severity, messages } = this.#options;
    const rules = { ...(severity && { severity }), ...(messages && { messages }) };
    if (!this.#builder) return { json, report: validator.validateOrder(json, rules) };
    const { bytes, report } = this.#builder.buildOrder(json, rules);
    return { json: new TextDecoder().decode(bytes), report };
  }

  #place(report: ValidationReport, { spots }: Reading): Pick<Findings, "byGroup" | "rest"> {
    const byGroup = new Map<Group, { issue: Issue; spot: Spot }[]>();
    const rest: Issue[] = [];
    for (const issue of report.issues) {
      const spot = spots.get(issue.pointer);
      if (!spot) rest.push(issue);
      // The browser holds something back that it cannot read, and says so itself; to us the field is empty.
      else if (!spot.control.validity.badInput) {
        const found = byGroup.get(spot.group);
        if (found) found.push({ issue, spot });
        else byGroup.set(spot.group, [{ issue, spot }]);
      }
    }
    return { byGroup, rest };
  }

  /** Tells the browser which controls are wrong, by its Constraint Validation. */
  #tellBrowser({ groups, byGroup, rest }: Findings): void {
    const wanted = new Map<Control, string>();
    const elsewhere = rest.filter(isError).map((issue) => this.#wording.text(issue));
    for (const [, found] of byGroup) {
      for (const { issue, spot } of found.filter(({ issue }) => isError(issue))) {
        const text = this.#wording.text(issue);
        if (!spot.control.willValidate) elsewhere.push(text);
        else if (!wanted.has(spot.control)) wanted.set(spot.control, text);
      }
    }
    // What is wrong with the whole must keep the form from being submitted too, and a button can say so.
    if (elsewhere[0] !== undefined) {
      const submitters = [...own(this.form, "elements")].filter(isSubmitter);
      const carriers: Control[] = [...submitters, ...groups.flatMap(({ controls }) => controls)];
      const carrier = carriers.find(({ willValidate }) => willValidate);
      if (carrier && !wanted.has(carrier)) wanted.set(carrier, elsewhere[0]);
    }
    this.#validity.replace(wanted);
  }

  #show({ groups, byGroup, rest }: Findings): void {
    const fittings = this.#fittings;
    if (!fittings) return;
    const unseen: Entry[] = [];
    for (const group of groups) {
      const messages = fittings.messages(group);
      const entries = this.#entries(group, byGroup.get(group) ?? []);
      const { revealed, editing, composing } = this.#progress.of(group.controls[0]);
      const due = entries.length > 0 && revealed;
      const seen = messages && (!due || group.controls.some(isVisible));
      // What is said meanwhile may go, but not change.
      if (due && composing && messages && !messages.isEmpty) continue;
      if (due && !seen) unseen.push(...entries.map(({ severity, text }) => ({ severity, text })));
      const shown = due && seen && !(editing && messages.isEmpty) ? entries : [];
      messages?.show(shown, (control) => control.focus());
      fittings.mark(group, shown.some(isError));
    }
    const whole = this.#attempted ? rest.map((issue) => ({ severity: issue.severity, text: this.#wording.text(issue) })) : [];
    fittings.summary.show([...whole, ...unseen], (control) => control.focus());
  }

  /** What is to be said of a field: our errors, or else the browser's own, and then warnings. */
  #entries(group: Group, found: readonly { issue: Issue; spot: Spot }[]): Entry[] {
    const entries = found.map(({ issue, spot }) => this.#wording.entry(issue, spot));
    const errors = entries.filter(isError);
    const native = group.controls.find((control) => control.willValidate && !control.validity.valid && !this.#validity.has(control));
    if (errors.length === 0 && native) errors.push({ severity: "error", text: native.validationMessage });
    return [...errors, ...entries.filter((entry) => !isError(entry))];
  }

  #clicked(event: Event): void {
    const submitter = event.composedPath().find(isSubmitter) as HTMLButtonElement | undefined;
    if (!submitter || submitter.form !== this.form || submitter.formNoValidate || !this.#validator) return;
    // The page may have set values without an event, and the browser looks at its constraints before anyone hears of a submission.
    this.#pressed = false;
    this.#check();
    this.#attempt = "begun";
    setTimeout(() => (this.#attempt = "none"));
  }

  /** The browser keeps the form from being submitted, and says so of each control before it chooses one to focus. */
  #refused(event: Event): void {
    if (this.#attempt === "none") return;
    // One that cannot be focused is not left to the browser, which would do nothing about it: it is in the summary.
    if (!isVisible(event.target as Element)) event.preventDefault();
    if (this.#attempt === "refused") return;
    this.#attempt = "refused";
    this.#revealAll();
    const wrong = [...own(this.form, "elements")].filter((element) => "validity" in element && !(element as Control).validity.valid);
    if (!wrong.some(isVisible)) this.#fittings?.summary.focus();
  }

  #submitted(event: SubmitEvent): void {
    if ((event.submitter as HTMLButtonElement | null)?.formNoValidate) return;
    const stop = (): void => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    if (!this.#validator) {
      this.#early = { submitter: event.submitter };
      return stop();
    }
    if (this.#sending) return stop();
    this.#pressed = false;
    let fits = false;
    try {
      this.#check();
      fits = this.#mayBeSubmitted();
    } finally {
      // A form that the browser does not let through tells nobody that it was to be submitted, and neither does this one; nor does it
      // go unchecked because the check has failed.
      if (!fits) stop();
    }
    if (!fits) {
      this.#revealAll();
      return this.#focusFirst();
    }
    const { onSubmit } = this.#options;
    if (!onSubmit) return;
    event.preventDefault();
    const { order, json, report } = this;
    const sent: unknown = onSubmit({ order, json, report, event });
    if (!sent) return;
    this.#sending = true;
    void Promise.resolve(sent).finally(() => (this.#sending = false));
  }

  #mayBeSubmitted(): boolean {
    const { report, groups } = this.#found();
    const fits = groups.every(({ controls }) => controls.every(({ willValidate, validity }) => !willValidate || validity.valid));
    return report.valid && fits;
  }

  #revealAll(): void {
    this.#attempted = true;
    const findings = this.#found();
    for (const { controls } of findings.groups) Object.assign(this.#progress.of(controls[0]), { revealed: true, editing: false });
    this.#show(findings);
    this.#observer.takeRecords();
  }

  #focusFirst(): void {
    const wrong = [...this.#progress.controls].find((control) => control.willValidate && !control.validity.valid && isVisible(control));
    if (wrong) wrong.focus();
    else this.#fittings?.summary.focus();
  }
}

function isError({ severity }: { readonly severity: string }): boolean {
  return severity === "error";
}

/** The form that an element takes part in. */
function formOf(element: EventTarget | null): Element | null {
  const { form } = element as Partial<HTMLInputElement>;
  return form ?? (element as Partial<Element>).closest?.("form") ?? null;
}

function isVisible(element: Element): boolean {
  return (element as Partial<Control>).type !== "hidden" && (element.checkVisibility?.() ?? true);
}
