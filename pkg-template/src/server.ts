/** Broker and emulator, in one program. */
import { load } from "#server";

import { createGlue } from "./generated/server-glue.js";
import { lazy } from "./lazy.js";

export const server = lazy(createGlue, load);
