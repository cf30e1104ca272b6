// workerd compiles what it is deployed with, and nothing later.
import module from "./streams.wasm";

import type { Load } from "../engine.js";

export const load: Load = () => ({ module });
