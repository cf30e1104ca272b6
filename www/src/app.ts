// The state of the page and all that can happen to it. Views read it and call its methods; they never change it.

import type { Issue, OrderResult, Validator } from "pb-fulfillment";
import { check, isUnreadable, mend, summarise, type Checked, type Summary, type Unreadable } from "./check.ts";
import { createLabels, type Labels } from "./labels.ts";
import { send, type Choice, type Run } from "./sending.ts";
import { replaceOrders, type OrderDocument } from "./text/document.ts";

export type Step = "load" | "check" | "send";

/** What changed, so that a view need not draw itself anew for nothing. */
export type Change = "step" | "file" | "filter" | "run";

/** Which orders the check lists. */
export interface Filter {
  readonly severity: "all" | "error" | "warning" | "ready";
  /** The key of a kind of problem. */
  readonly kind?: string | undefined;
  readonly query: string;
  /** From 0. */
  readonly page: number;
}

const NO_FILTER: Filter = { severity: "all", query: "", page: 0 };
const UNDO_STEPS = 20;

/** The page's state. One is made when the page starts. */
export class App {
  step: Step = "load";
  fileName = "";
  fileSize = 0;
  checked: Checked | undefined;
  unreadable: Unreadable | undefined;
  filter: Filter = NO_FILTER;
  /** The last outcome of each order, by position in the file; gone again once the order is changed. */
  readonly results = new Map<number, OrderResult>();
  run: Run | undefined;
  readonly labels: Labels;

  readonly #validator: Validator;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #summaries = new Map<number, Summary>();
  #undo: { document: OrderDocument; results: [number, OrderResult][] }[] = [];

  constructor(validator: Validator) {
    this.#validator = validator;
    this.labels = createLabels(validator);
  }

  /** Calls `listener` after each change. */
  onChange(listener: (change: Change) => void): void {
    this.#listeners.add(listener);
  }

  /** Takes a new file or pasted text and checks it. Bytes that are not UTF-8 are for the validator to name. */
  load(name: string, content: Uint8Array | string): void {
    if (this.sending) return;
    const text = (typeof content === "string" ? content : new TextDecoder().decode(content)).replace(/^\ufeff/, "");
    const bytes = typeof content === "string" ? new TextEncoder().encode(content).length : content.length;
    const result = check(this.#validator, content, text, this.labels);
    this.fileName = name;
    this.fileSize = bytes;
    this.filter = NO_FILTER;
    this.results.clear();
    this.run = undefined;
    this.#undo = [];
    this.#summaries.clear();
    this.unreadable = isUnreadable(result) ? result : undefined;
    this.checked = isUnreadable(result) ? undefined : result;
    this.step = this.checked ? "check" : "load";
    this.#tell("file");
    this.#tell("step");
  }

  /** Shows another step. */
  go(step: Step): void {
    this.step = step;
    this.#tell("step");
  }

  setFilter(change: Partial<Filter>): void {
    this.filter = { ...this.filter, page: 0, ...change };
    this.#tell("filter");
  }

  /** What is wrong with one order's text alone, before it is put into the file. */
  checkOrder(text: string): readonly Issue[] {
    return this.#validator.validateOrder(text).issues;
  }

  /** Whether an order may be changed. What was accepted stays what was sent, and nothing changes while it is sent. */
  canChange(index: number): boolean {
    return !this.sending && this.results.get(index)?.outcome !== "accepted";
  }

  /** Puts a changed order, or several, into the file and checks it anew. */
  replace(texts: ReadonlyMap<number, string>): void {
    const allowed = new Map([...texts].filter(([index]) => this.canChange(index)));
    if (this.checked) this.#take(replaceOrders(this.checked.document, allowed), allowed.keys());
  }

  /** Mends what the given issues are about; answers how many orders were changed. */
  mend(issues: readonly Issue[]): number {
    const allowed = issues.filter((issue) => this.canChange(issue.orderIndex ?? 0));
    if (!this.checked || allowed.length === 0) return 0;
    const { document, orders } = mend(this.#validator, this.checked, allowed);
    this.#take(document, orders);
    return orders.size;
  }

  /** Whether the file was changed since it was loaded or last sent. */
  get canUndo(): boolean {
    return this.#undo.length > 0 && !this.sending;
  }

  /** Takes the last change back. */
  undo(): void {
    const last = this.sending ? undefined : this.#undo.pop();
    if (!last) return;
    this.results.clear();
    for (const [index, result] of last.results) this.results.set(index, result);
    this.#recheck(last.document);
  }

  /** Sends orders and shows how it goes. */
  send(choice: Choice): void {
    if (!this.checked || this.sending) return;
    for (const index of choice.indices) this.results.delete(index);
    // Taking back a change would now take back outcomes too, and an accepted order would be sent twice.
    this.#undo = [];
    this.run = send(this.checked.document, choice, (_run, fresh) => {
      for (const result of fresh) this.results.set(result.orderIndex, result);
      this.#tell("run");
    });
    this.go("send");
  }

  get sending(): boolean {
    return this.run?.state === "running" || this.run?.state === "stopping";
  }

  /** What an order says of itself. */
  summary(index: number): Summary {
    let summary = this.#summaries.get(index);
    if (!summary && this.checked) {
      summary = summarise(this.checked.document, index);
      this.#summaries.set(index, summary);
    }
    return summary ?? { id: "", who: "", where: "" };
  }

  #take(document: OrderDocument, changed: Iterable<number>): void {
    if (!this.checked) return;
    this.#undo.push({ document: this.checked.document, results: [...this.results] });
    if (this.#undo.length > UNDO_STEPS) this.#undo.shift();
    for (const index of changed) {
      // An order that got no answer may be stored: that stays known, whatever is changed here.
      if (this.results.get(index)?.outcome !== "unknown") this.results.delete(index);
    }
    this.#recheck(document);
  }

  #recheck(document: OrderDocument): void {
    const result = check(this.#validator, document.text, document.text, this.labels);
    // A change is only taken once its order is well formed, so the file stays readable.
    if (isUnreadable(result)) return;
    this.#summaries.clear();
    this.checked = result;
    if (this.filter.kind && !result.kinds.some((kind) => kind.key === this.filter.kind)) {
      this.filter = { ...this.filter, kind: undefined, page: 0 };
    }
    this.#tell("file");
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}
