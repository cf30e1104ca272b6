declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.text.js" {
  /** The program in base64. */
  export const text: string;
}
