import type { Load } from "../engine.js";
import { readProgram } from "./file.js";

export const load: Load = () => readProgram(new URL("./streams.wasm", import.meta.url));
