// The public types of the package in one text, entry by entry, that the tests compare: a change of the face shows in review. Run as a
// program (`npm run face`), it writes down those of pkg/.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pkg, root } from "./lib/paths.mjs";
import { Explained, main, say } from "./lib/run.mjs";

/** Where the text is kept. */
export const FACE = join(root, "tests", "packaging", "face.d.ts");

/**
 * What the types of a package in this folder say to a compiler: TypeScript itself, its `checker`, the `files` of types, and by entry the
 * public `items`, in the order of the alphabet, as the symbols that they stand for. `sources` are compiled along.
 */
export async function publicTypes(folder, sources = []) {
  const { default: ts } = await import("typescript");
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const typed = Object.entries(exports)
    .map(([name, { types, default: branch }]) => [name.replace(/^\./, "pb-fulfillment"), types ?? branch?.types])
    .filter(([, types]) => types)
    .map(([entry, types]) => [entry, join(folder, types)]);
  const options = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    types: [],
  };
  const program = ts.createProgram([...typed.map(([, file]) => file), ...sources], options);
  const checker = program.getTypeChecker();
  const symbolOf = (symbol) => (symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const entries = typed.map(([entry, file]) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file));
    const items = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1));
    return { entry, items: items.map((item) => ({ name: item.name, symbol: symbolOf(item) })) };
  });
  const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(join(folder, "types")));
  return { ts, program, checker, symbolOf, entries, files };
}

/** The public types of a package in this folder: each item once, without comments, in the order of the alphabet. */
export async function face(folder) {
  const { ts, entries } = await publicTypes(folder);
  const printer = ts.createPrinter({ removeComments: true });
  const told = new Map();

  const print = (declaration) => {
    const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    return printer.printNode(ts.EmitHint.Unspecified, statement, declaration.getSourceFile());
  };

  const parts = entries.map(({ entry, items }) => {
    const again = new Map();
    const texts = items.flatMap(({ name, symbol }) => {
      const before = told.get(symbol);
      if (before) again.set(before, [...(again.get(before) ?? []), name]);
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
