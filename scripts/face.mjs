// The public types of the package in one text, entry by entry, that the tests compare: a change of the face shows in review. Run as a
// program (`npm run face`), it writes down those of pkg/.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pkg, root } from "./lib/paths.mjs";
import { Explained, main, say } from "./lib/run.mjs";

/** Where the text is kept. */
export const FACE = join(root, "tests", "packaging", "face.d.ts");

/** The public types of a package in this folder: each item once, without comments, in the order of the alphabet. */
export async function face(folder) {
  const { default: ts } = await import("typescript");
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const entries = Object.entries(exports)
    .map(([name, { default: branch }]) => [name.replace(/^\./, "pb-fulfillment"), branch?.types])
    .filter(([, types]) => types);
  const files = entries.map(([, types]) => join(folder, types));
  const options = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
  };
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const printer = ts.createPrinter({ removeComments: true });
  const told = new Map();

  const print = (declaration) => {
    const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    return printer.printNode(ts.EmitHint.Unspecified, statement, declaration.getSourceFile());
  };

  const parts = entries.map(([entry], index) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(files[index]));
    const items = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1));
    const again = new Map();
    const texts = items.flatMap((item) => {
      const symbol = item.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(item) : item;
      const before = told.get(symbol);
      if (before) again.set(before, [...(again.get(before) ?? []), item.name]);
      else told.set(symbol, entry);
      return before ? [] : symbol.declarations.map(print);
    });
    const repeated = [...again].map(([before, names]) => `// As in ${before}: ${names.join(", ")}`);
    return [`// ---- ${entry} ----`, ...repeated, ...texts].join("\n\n");
  });
  return `// The public types of the package. Written by \`npm run face\`.\n\n${parts.join("\n\n")}\n`;
}

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    if (!existsSync(join(pkg, "package.json"))) throw new Explained("There is no package yet: npm run build.");
    writeFileSync(FACE, await face(pkg));
    say("The face is written to tests/packaging/face.d.ts; look at what changed.");
  });
}
