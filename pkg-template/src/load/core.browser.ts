import type { Load, Part } from "../engine.js";
import { fetchPart, fetchProgram } from "./fetch.js";

// One literal for each, so that bundlers see the files and move them along.

/** What checks, and what all else stands on. */
export const load: Load = (imports) => fetchProgram(new URL("./check.wasm", import.meta.url), imports);

/** What builds orders, and the bodies of requests. */
export const build: Part = () => fetchPart(new URL("./build.wasm", import.meta.url));

/** What sends. */
export const send: Part = () => fetchPart(new URL("./send.wasm", import.meta.url));

/** What reads streams. */
export const streams: Part = () => fetchPart(new URL("./streams.wasm", import.meta.url));
