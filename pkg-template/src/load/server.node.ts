import type { Load } from "../engine.js";
import { readProgram } from "./file.js";

export { DurableObject } from "./durable-object.js";

export const load: Load = () => readProgram(new URL("./server.wasm", import.meta.url));
