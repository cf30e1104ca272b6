/** The core, loaded at the first call and kept. */
import { load } from "#core";

import { createGlue } from "./generated/core-glue.js";
import { lazy } from "./lazy.js";

/** The core, with the parts that are given: of `#core`, which names what is apart from the rest where it is downloaded. */
export const core = lazy(createGlue, load);
