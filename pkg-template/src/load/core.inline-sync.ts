import type { Load } from "../engine.js";
import { explained, runs } from "./compile.js";
import { BROKEN, bytes } from "./text.js";

export * from "./whole.js";

export const load: Load = () => {
  runs();
  try {
    return { module: new WebAssembly.Module(bytes()) };
  } catch (cause) {
    throw explained(cause, BROKEN);
  }
};
