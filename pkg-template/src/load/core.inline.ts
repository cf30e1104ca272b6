import type { Load } from "../engine.js";
import { attempt, runs } from "./compile.js";
import { BROKEN, bytes } from "./text.js";

export * from "./whole.js";

// Never at once: browsers do not let a page's main thread wait for so large a program.
export const load: Load = async (imports) => {
  runs();
  return attempt(() => WebAssembly.instantiate(bytes(), imports), BROKEN);
};
