// The programs as modules; like any program that is imported, only for ES modules.
import type build from "pb-fulfillment/build.wasm";
import type check from "pb-fulfillment/check.wasm";
import type core from "pb-fulfillment/core.wasm";
import type send from "pb-fulfillment/send.wasm";
import type server from "pb-fulfillment/server.wasm";
import type { ProgramSource } from "pb-fulfillment/slim";
import type streams from "pb-fulfillment/streams.wasm";

same<typeof core, WebAssembly.Module>();
same<typeof check, WebAssembly.Module>();
same<typeof build, WebAssembly.Module>();
same<typeof send, WebAssembly.Module>();
same<typeof streams, WebAssembly.Module>();
same<typeof server, WebAssembly.Module>();
declare const program: typeof core;
takes<ProgramSource>(program);
