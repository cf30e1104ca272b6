/** All of the package but its WebAssembly, which the caller brings. */
export * from "./index.js";
export { initialize, type ProgramSource } from "./load/core.slim.js";
