/**
 * Keeps one WebAssembly instance to call, and replaces it when it has died.
 *
 * An instance dies of a panic, of memory or stack running out, or of an error of JavaScript that was thrown through it. It must
 * not be entered again then: its memory is as it was in the middle of some work. Whatever is pending in it would never settle, and
 * its timers and answers would still come in, into the new instance if both shared the glue. So each instance has glue of its own,
 * and its exports are closed at once when it dies.
 */
import { FulfillmentError, toError } from "./errors.js";
import { attempt } from "./load/compile.js";

/** How an instance is made: with what it imports, and begun with its exports. */
export interface Instance {
  readonly imports: WebAssembly.Imports;
  /** What a part imports, beside the exports of the first one. */
  importsOfPart(first: WebAssembly.Exports): WebAssembly.Imports;
  begin(exports: WebAssembly.Exports): void;
}

/** What wasm-bindgen generates, as the build wraps it: an instance, and the functions to call. */
export interface Glue extends Instance {
  tellPanics(): void;
}

/** What an instance has of its host. The timers end with it: one that nothing waits for would keep a process alive. */
export interface Host {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  onPanic(text: string): void;
}

/** Makes glue with state of its own. */
export type CreateGlue<G extends Glue> = (host: Host) => G;

/** A compiled program and, where it could not be avoided, its first instance, made with the imports given. */
export interface Program {
  readonly module: WebAssembly.Module;
  readonly instance?: WebAssembly.Instance;
}

/** Gets the program, in the way of a runtime: at once, or later where it must be fetched. */
export type Load = (imports: WebAssembly.Imports) => Program | Promise<Program>;

/** Gets a part of a program that is needed later than the rest; nothing, where the program is whole. */
export type Part = (() => Promise<WebAssembly.Module>) | undefined;

/** The names of the exports that take one argument. */
type Name<G> = Exclude<keyof G, keyof Glue> & string;

/** What to do for a pending call when the instance dies: throw, which is the rule, or give the value that stands for it. */
type OnDeath<T> = (error: FulfillmentError) => T;

const NOT_STARTED = "A part of the WebAssembly of pb-fulfillment was loaded, and could not be started.";

/** What an export of a dead instance gives; the glue finds neither a value nor an error in it. */
const NOTHING = Object.freeze([]);

class Life<G extends Glue> {
  readonly glue: G;
  readonly pending = new Set<(error: FulfillmentError) => void>();
  death: FulfillmentError | undefined;
  #panic: string | undefined;
  readonly #exports: WebAssembly.Exports = {};
  #first: WebAssembly.Exports = {};
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(createGlue: CreateGlue<G>) {
    const running = this.#timers;
    this.glue = createGlue({
      setTimeout(callback, ms) {
        const timer = setTimeout(() => {
          running.delete(timer);
          callback();
        }, ms);
        running.add(timer);
        return timer;
      },
      clearTimeout(timer) {
        running.delete(timer as ReturnType<typeof setTimeout>);
        clearTimeout(timer as ReturnType<typeof setTimeout>);
      },
      onPanic: (text) => (this.#panic = text),
    });
  }

  begin(instance: WebAssembly.Instance): void {
    this.#first = instance.exports;
    this.add(instance);
    this.glue.begin(this.#exports);
    this.glue.tellPanics();
    if (this.death) throw this.death;
  }

  /** What a part imports. */
  get partImports(): WebAssembly.Imports {
    return this.glue.importsOfPart(this.#first);
  }

  /** Adds the exports of an instance, each closed from the moment that anything but a value comes out of one of them. */
  add(instance: WebAssembly.Instance): void {
    const guarded = this.#exports;
    for (const [name, value] of Object.entries(instance.exports)) {
      // What parts have of each other they call past the glue.
      if (name.startsWith("_")) continue;
      if (typeof value !== "function") {
        guarded[name] = value;
        continue;
      }
      const enter = value as (a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown) => unknown;
      guarded[name] = (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown): unknown => {
        if (this.death) return NOTHING;
        try {
          return enter(a, b, c, d, e, f);
        } catch (trap) {
          this.#die(trap);
          return NOTHING;
        }
      };
    }
  }

  #die(trap: unknown): void {
    const why = this.#panic ?? (trap instanceof Error ? trap.message : String(trap));
    const message = `pb-fulfillment met a fault of its own and has started afresh: ${why}`;
    const error = new FulfillmentError("internal", message, { cause: trap });
    this.death = error;
    for (const end of this.pending) end(error);
    this.pending.clear();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

export class Engine<G extends Glue> {
  readonly #createGlue: CreateGlue<G>;
  readonly #module: WebAssembly.Module;
  readonly #parts: WebAssembly.Module[] = [];
  #life: Life<G>;

  private constructor(createGlue: CreateGlue<G>, module: WebAssembly.Module, life: Life<G>) {
    this.#createGlue = createGlue;
    this.#module = module;
    this.#life = life;
  }

  /** Loads a program and makes its first instance. */
  static load<G extends Glue>(createGlue: CreateGlue<G>, load: Load): Engine<G> | Promise<Engine<G>> {
    const life = new Life(createGlue);
    const begin = ({ module, instance }: Program): Engine<G> => {
      life.begin(instance ?? new WebAssembly.Instance(module, life.glue.imports));
      return new Engine(createGlue, module, life);
    };
    const program = load(life.glue.imports);
    return program instanceof Promise ? program.then(begin) : begin(program);
  }

  /** Adds a part, to this instance and to those that come after it. */
  async add(part: WebAssembly.Module): Promise<this> {
    let life: Life<G>;
    let instance: WebAssembly.Instance;
    do {
      life = this.#living();
      const { partImports } = life;
      // Never at once: browsers do not let a page's main thread wait for so large a program.
      instance = await attempt(() => WebAssembly.instantiate(part, partImports), NOT_STARTED);
      // Another may have come meanwhile, for which it must be made once more.
    } while (life !== this.#life);
    life.add(instance);
    this.#parts.push(part);
    return this;
  }

  /** Calls an export that gives its value at once. */
  call<T>(name: Name<G>, argument: object): T {
    const life = this.#living();
    try {
      const value = enter(life, name, argument);
      if (!life.death) return value as T;
    } catch (thrown) {
      if (!life.death) throw toError(thrown);
    }
    throw life.death;
  }

  /** Calls an export that gives a promise. It settles even if the instance dies: with `onDeath`, or else by rejecting. */
  async run<T>(name: Name<G>, argument: object, onDeath?: OnDeath<T>): Promise<T> {
    const life = this.#living();
    let end: ((error: FulfillmentError) => void) | undefined;
    const death = new Promise<never>((_, reject) => life.pending.add((end = reject)));
    try {
      return await Promise.race([death, enter(life, name, argument) as Promise<T>]);
    } catch (thrown) {
      if (!life.death) throw toError(thrown);
      if (onDeath) return onDeath(life.death);
      throw life.death;
    } finally {
      if (end) life.pending.delete(end);
    }
  }

  #living(): Life<G> {
    if (this.#life.death) {
      const life = new Life(this.#createGlue);
      life.begin(new WebAssembly.Instance(this.#module, life.glue.imports));
      for (const part of this.#parts) life.add(new WebAssembly.Instance(part, life.partImports));
      this.#life = life;
    }
    return this.#life;
  }
}

function enter<G extends Glue>(life: Life<G>, name: Name<G>, argument: object): unknown {
  return (life.glue[name] as (argument: object) => unknown)(argument);
}
