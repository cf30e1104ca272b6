import type { Load } from "../engine.js";
import { fetchProgram } from "./fetch.js";

// One literal, so that bundlers see the file and move it along.
export const load: Load = (imports) => fetchProgram(new URL("./streams.wasm", import.meta.url), imports);
