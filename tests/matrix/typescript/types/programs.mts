// The programs as modules; like any program that is imported, only for ES modules.
import type core from "pb-fulfillment/core.wasm";
import type server from "pb-fulfillment/server.wasm";
import type { ProgramSource } from "pb-fulfillment/slim";
import type streams from "pb-fulfillment/streams.wasm";
import type validator from "pb-fulfillment/validator.wasm";

same<typeof core, WebAssembly.Module>();
same<typeof validator, WebAssembly.Module>();
same<typeof streams, WebAssembly.Module>();
same<typeof server, WebAssembly.Module>();
declare const program: typeof core;
takes<ProgramSource>(program);
