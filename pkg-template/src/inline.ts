/** All of the package with its WebAssembly as text, for set-ups that can load no file beside a script. */
export * from "./index.js";
