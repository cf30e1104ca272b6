import { readFileSync } from "node:fs";

import type { Load } from "../engine.js";

export { DurableObject } from "./durable-object.js";

export const load: Load = () => ({ module: new WebAssembly.Module(readFileSync(new URL("./server.wasm", import.meta.url))) });
