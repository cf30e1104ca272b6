import { text } from "./core.text.js";

/** The core's bytes. */
export const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export const BROKEN =
  "The WebAssembly in pb-fulfillment/inline could not be compiled: a tool must have changed it. Install the package anew.";
