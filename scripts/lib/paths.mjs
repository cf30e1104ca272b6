// Where things are. Everything else asks here.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Tools that are built for this repository alone; kept apart from Cargo's own output, which may be elsewhere. */
export const tools = join(root, "target", "tools");

/** What Cargo builds. */
export const cargoTarget = process.env.CARGO_TARGET_DIR ?? join(root, "target");

/** The steps between Cargo's output and the package. */
export const build = join(root, "build");

/** The package, ready for `npm pack`. */
export const pkg = join(root, "pkg");

/** The same package with a blob that can be told to break; never published. */
export const breakablePkg = join(build, "breakable", "pkg");
