// workerd compiles what it is deployed with, and nothing later.
import module from "./core.wasm";

import type { Load } from "../engine.js";

export * from "./whole.js";

export const load: Load = () => ({ module });
