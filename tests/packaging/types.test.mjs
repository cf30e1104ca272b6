// What the types say: nothing that is `any`, nothing that was not agreed on, and of each item what tests/matrix/typescript/types tests.
import assert from "node:assert/strict";
import { cp, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";

import { face, FACE, publicTypes } from "../../scripts/face.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { project } from "./support.mjs";

const TESTS = join("tests", "matrix", "typescript", "types");

test("the types", async (t) => {
  const folder = await project(t);
  const installed = join(folder, "node_modules", "pb-fulfillment");
  await cp(join(root, TESTS), join(folder, "types"), { recursive: true });
  const sources = (await readdir(join(folder, "types"))).map((name) => join(folder, "types", name));
  const types = await publicTypes(installed, sources);

  await t.test("are nowhere `any`, spelt out or left to a default", () => {
    assert.deepEqual(
      types.files.flatMap((file) => anys(types, file)),
      [],
    );
  });

  await t.test("are those that were agreed on: npm run face writes them down anew", async () => {
    assert.equal(await face(installed), await readFile(FACE, "utf8"));
  });

  await t.test("have a test for each item of each entry", () => {
    const { items, modules } = tested(types, sources);
    const missing = types.entries.flatMap(({ entry, items: all }) => {
      const names = all.filter(({ symbol }) => !items.has(symbol)).map(({ name, symbol }) => items.add(symbol) && name);
      return modules.has(entry) ? names.map((name) => `${entry}: ${name}`) : [`${entry}: all of it`];
    });
    assert.deepEqual(missing, [], `write same<item, type>() or takes<item>(value) for each of these in ${TESTS}:\n${missing.join("\n")}`);
  });
});

/** What is named first in a call of `same` or `takes`, and which modules are imported. */
function tested({ ts, program, checker, symbolOf }, sources) {
  const [items, modules] = [new Set(), new Set()];
  const name = (node) => {
    if (ts.isIdentifier(node)) items.add(symbolOf(checker.getSymbolAtLocation(node)));
    ts.forEachChild(node, name);
  };
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) modules.add(node.moduleSpecifier.text);
    if (ts.isCallExpression(node) && ["same", "takes"].includes(node.expression.getText())) name(node.typeArguments[0]);
    ts.forEachChild(node, visit);
  };
  sources.forEach((file) => visit(program.getSourceFile(file)));
  return { items, modules };
}

/** Where a type is `any`, or is of `any` since nothing is said of what it is of, like a `ReadableStream` alone. */
function anys({ ts, checker }, file) {
  const found = [];
  const isAny = (type) => (type.flags & ts.TypeFlags.Any) !== 0;
  const visit = (node) => {
    if (ts.isTypeNode(node) && !ts.isTemplateLiteralTypeSpan(node)) {
      const type = checker.getTypeFromTypeNode(node);
      const defaults = ts.isTypeReferenceNode(node) && !node.typeArguments && type.target ? checker.getTypeArguments(type) : [];
      if ([type, ...defaults].some(isAny)) found.push(`${file.fileName}: ${node.parent.getText(file)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
