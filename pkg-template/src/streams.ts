/** All of the package with what reads streams. Where nothing is downloaded, the main entry has it too. */
export * from "./index.js";
