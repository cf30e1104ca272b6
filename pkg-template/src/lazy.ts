/** A program, loaded at the first call and kept. */
import { Engine, type CreateGlue, type Glue, type Load } from "./engine.js";

/** Gives the program: at once where the runtime can, or once it is loaded. A load that failed is tried anew by the next call. */
export function lazy<G extends Glue>(createGlue: CreateGlue<G>, load: Load): () => Engine<G> | Promise<Engine<G>> {
  let loaded: Engine<G> | undefined;
  let loading: Promise<Engine<G>> | undefined;
  return () => {
    if (loaded) return loaded;
    if (loading) return loading;
    const engine = Engine.load(createGlue, load);
    if (!(engine instanceof Promise)) return (loaded = engine);
    loading = engine.then((engine) => (loaded = engine)).finally(() => (loading = undefined));
    return loading;
  };
}
