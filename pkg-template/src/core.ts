/** The core, loaded at the first call and kept. */
import { load } from "#core";

import { Engine } from "./engine.js";
import { createGlue } from "./generated/core-glue.js";

type Core = Engine<ReturnType<typeof createGlue>>;

let loaded: Core | undefined;
let loading: Promise<Core> | undefined;

/** The core: at once where the runtime can, or once it is loaded. A load that failed is tried anew by the next call. */
export function core(): Core | Promise<Core> {
  if (loaded) return loaded;
  if (loading) return loading;
  const engine = Engine.load(createGlue, load);
  if (!(engine instanceof Promise)) return (loaded = engine);
  loading = engine.then((engine) => (loaded = engine)).finally(() => (loading = undefined));
  return loading;
}
