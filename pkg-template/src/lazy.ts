/** A program, loaded at the first call and kept. */
import { Engine, type CreateGlue, type Glue, type Load, type Part } from "./engine.js";

/**
 * Gives the program with the parts that are given: at once where the runtime can, or once they are loaded. A load that failed is tried
 * anew by the next call.
 */
export function lazy<G extends Glue>(createGlue: CreateGlue<G>, load: Load): (...parts: Part[]) => Engine<G> | Promise<Engine<G>> {
  const program = once(() => Engine.load(createGlue, load));
  const added = new Map<Part, () => Engine<G> | Promise<Engine<G>>>();
  const withPart = (loadPart: Part): Engine<G> | Promise<Engine<G>> => {
    // One that is not apart came with the program.
    if (!loadPart) return program();
    const add =
      added.get(loadPart) ??
      once(async () => {
        // Both are fetched at once.
        const [engine, module] = await Promise.all([program(), loadPart()]);
        return engine.add(module);
      });
    added.set(loadPart, add);
    return add();
  };
  return (...parts) => {
    const all = [program(), ...parts.map(withPart)] as const;
    return all.some((one) => one instanceof Promise) ? Promise.all(all).then(([engine]) => engine) : all[0];
  };
}

/** Does something once, and keeps what came of it unless it failed. */
function once<T>(action: () => T | Promise<T>): () => T | Promise<T> {
  let kept: { value: T | Promise<T> } | undefined;
  return () => {
    if (kept) return kept.value;
    const value = action();
    kept = { value };
    if (value instanceof Promise) {
      value.then(
        (value) => (kept = { value }),
        () => (kept = undefined),
      );
    }
    return value;
  };
}
