/** The core, loaded at the first call and kept. */
import { load } from "#core";
import { createGlue } from "#core-glue";

import { lazy } from "./lazy.js";

export const core = lazy(createGlue, load);
