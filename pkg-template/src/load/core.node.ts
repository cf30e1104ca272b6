import type { Load } from "../engine.js";
import { readProgram } from "./file.js";

export * from "./whole.js";

export const load: Load = () => readProgram(new URL("./core.wasm", import.meta.url));
