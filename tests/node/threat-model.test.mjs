// Each test that docs/threat-model.md names is there, under that name.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { root } from "../../scripts/lib/paths.mjs";

const text = readFileSync(join(root, "docs/threat-model.md"), "utf8");

test("each test that the threat model names exists", () => {
  const links = [...text.matchAll(/\[([^\]]+)\]\(\.\.\/((?:tests|src)\/[^)]+)\)/g)];
  assert.ok(links.length > 50);
  for (const [, name, path] of links) {
    const file = join(root, path);
    assert.ok(existsSync(file), `there is no ${path}`);
    const source = readFileSync(file, "utf8");
    const is = path.endsWith(".rs")
      ? new RegExp(`fn ${name}\\(`).test(source)
      : source.includes(`(${JSON.stringify(name)}`) || source.includes(`${JSON.stringify(name)},\n`);
    assert.ok(is, `${path} has no test “${name}”`);
  }
});

test("each attack has a test", () => {
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && !/^\| (attack|---)/.test(line));
  assert.ok(rows.length > 30);
  for (const row of rows) assert.match(row, /\]\(\.\.\/(tests|src)\//, row);
});
