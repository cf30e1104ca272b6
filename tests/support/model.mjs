// What the structs of the crate write, and what TypeScript thinks of it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import ts from "typescript";

import { pkg, root } from "../../scripts/lib/paths.mjs";

/** By the name of each shape: `schema`, its JSON Schema, and `values`, what its struct writes. */
export const samples = () => generated("samples");

/** The hints of the crate for every field of an order, by its path. */
export const everyHint = () => generated("hints");

function generated(what) {
  const cargo = spawnSync("cargo", ["run", "--quiet", "--example", "generate", "--", what], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 << 20,
    timeout: 200_000,
  });
  if (cargo.status !== 0) throw new Error(`the ${what} were not generated: ${cargo.error ?? cargo.stderr}`);
  return JSON.parse(cargo.stdout);
}

/** What `tsc --strict` finds in these lines, which may use the types as `model.Order` and a function `take`. */
export function typeErrors(lines) {
  const folder = mkdtempSync(join(tmpdir(), "pb-fulfillment-types-"));
  try {
    const file = join(folder, "lines.ts");
    const types = JSON.stringify(join(pkg, "types", "generated", "model.js"));
    writeFileSync(file, `import type * as model from ${types};\ndeclare function take<T>(value: T): void;\n${lines.join("\n")}\n`);
    const program = ts.createProgram([file], {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      types: [],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    });
    return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const line = file && file.getLineAndCharacterOfPosition(start).line;
      const text = file?.text.split("\n").slice(Math.max(0, line - 1), line + 1);
      return `${ts.flattenDiagnosticMessageText(messageText, "\n")}\n${text?.join("\n") ?? ""}`;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
