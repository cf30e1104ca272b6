/** Nothing is apart where nothing is downloaded, or everything at once. */
import type { Part } from "../engine.js";

export const build: Part = undefined;
export const send: Part = undefined;
export const streams: Part = undefined;
