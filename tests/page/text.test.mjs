// The page's handling of JSON text: what nobody touched stays byte for byte.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { data, pageModule } from "./support.mjs";

let scan, edit, documents, csv, zone;
before(async () => {
  [scan, edit, documents, csv, zone] = await Promise.all(
    ["text/scan.ts", "text/edit.ts", "text/document.ts", "text/csv.ts", "text/zone.ts"].map(pageModule),
  );
});

describe("finding values", () => {
  it("finds what JSON.parse finds, wherever brackets and quotes stand in strings", () => {
    const text = ' { "a" : [1, {"b": "} ] \\" ,"}, "\\\\" ], "c\\u0041": null , "d": {} }';
    const at = (path) => {
      const span = scan.locate(text, path);
      return span && text.slice(span.start, span.end);
    };
    assert.equal(at(["a", 1, "b"]), '"} ] \\" ,"');
    assert.equal(at(["a", 2]), '"\\\\"');
    assert.equal(at(["cA"]), "null");
    assert.equal(at(["d"]), "{}");
    assert.equal(at(["d", "x"]), undefined);
    assert.equal(at(["a", 3]), undefined);
    assert.equal(at(["a", "b"]), undefined);
  });

  it("takes the last of two equal names, as JSON.parse does", () => {
    const text = '{"a":1,"a":2}';
    const span = scan.locate(text, ["a"]);
    assert.equal(text.slice(span.start, span.end), "2");
  });

  it("ends on texts that are not JSON", () => {
    for (const text of [
      "",
      " ",
      "{",
      '{"',
      '{"a',
      '{"a"',
      '{"a":',
      "[",
      "[,",
      "[1",
      "}",
      '"',
      "{]",
      "[}",
      '{"a":}',
      '{"a"1}',
      "[[[[",
      "\\",
    ]) {
      for (const path of [[], ["a"], [0], ["a", 0, "b"]]) scan.locate(text, path);
      documents.readDocument(text);
      edit.layOut(text);
    }
  });

  it("counts nesting instead of recursing into it", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    assert.equal(scan.endOfValue(deep, 0), deep.length);
    assert.equal(edit.layOut(deep), deep);
  });
});

describe("changing values", () => {
  it("changes one value and nothing else", () => {
    const text = '{ "price": 19.90, "big": 12345678901234567890, "name": "\\u00e9" }';
    assert.equal(edit.setValue(text, ["price"], "20.00"), text.replace("19.90", "20.00"));
    assert.equal(edit.setValue(text, ["name"], '"e"'), text.replace('"\\u00e9"', '"e"'));
  });

  it("adds a missing member to its object, and only to an object that is there", () => {
    assert.equal(edit.setValue('{"a":{}}', ["a", "b"], "1"), '{"a":{"b":1}}');
    assert.equal(edit.setValue('{"a": 1 }', ["b"], '"x"'), '{"a": 1,"b":"x" }');
    assert.equal(edit.setValue('{"a":1}', ["b", "c"], "1"), undefined);
    assert.equal(edit.setValue("[1]", ["b"], "1"), undefined);
  });

  it("lays text out without touching numbers or escapes", () => {
    const text = '{"a":[19.90,1e400,-0],"\\u00e9":{},"b":[],"c":{"d":"x"}}';
    const laidOut = edit.layOut(text);
    assert.equal(
      laidOut
        .split("\n")
        .map((line) => line.trimStart())
        .join("")
        .replaceAll('": ', '":'),
      text,
    );
    assert.match(laidOut, /\n {4}19\.90,\n/);
  });

  it("writes what was typed as the field's type where it is one, else as a string", () => {
    assert.equal(edit.asJson("19.90", "number"), "19.90");
    assert.equal(edit.asJson("019", "number"), '"019"');
    assert.equal(edit.asJson("12", "string"), '"12"');
    assert.equal(edit.asJson("true", "boolean"), "true");
    assert.equal(edit.asJson('a"b', undefined), '"a\\"b"');
  });
});

describe("the file as a document", () => {
  it("knows a list in an envelope and a bare list, and a single order from an envelope with a slip", () => {
    assert.equal(documents.readDocument('{"x":1,"orders":[{},{}]}').orders.length, 2);
    assert.equal(documents.readDocument("[{},{},{}]").shape, "array");
    assert.equal(documents.isSingleOrder('{"clientOrderId":"1"}'), true);
    assert.equal(documents.isSingleOrder('{"Orders":[]}'), false);
    assert.equal(documents.isSingleOrder("[]"), false);
    assert.deepEqual(documents.readDocument('{"orders":5}').orders, []);
  });

  it("keeps every other byte when orders are replaced", async () => {
    const text = await data("northwind-orders.json");
    const source = documents.readDocument(text);
    assert.equal(source.orders.length, 830);
    const changed = documents.replaceOrders(
      source,
      new Map([
        [3, '{"x":1}'],
        [829, "{}"],
      ]),
    );
    const orders = JSON.parse(text).orders;
    orders[3] = { x: 1 };
    orders[829] = {};
    assert.deepEqual(JSON.parse(changed.text).orders, orders);
    assert.equal(documents.orderText(changed, 4), documents.orderText(source, 4));
    assert.equal(documents.replaceOrders(source, new Map()).text, text);
  });

  it("selects orders as they stand", () => {
    const source = documents.readDocument('[{"a":1.0},{"b":2.50}, {"c":3}]');
    assert.equal(documents.selectOrders(source, [2, 1]), '{"orders":[{"c":3},{"b":2.50}]}');
  });
});

describe("spreadsheets", () => {
  it("quotes cells and keeps formulas from running", () => {
    assert.equal(csv.cell('say "hi"'), '"say ""hi"""');
    for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1"]) {
      assert.equal(csv.cell(formula), `"'${formula}"`);
    }
    assert.equal(csv.cell("NW-10248"), '"NW-10248"');
    assert.equal(csv.cell(undefined), '""');
  });
});

describe("dates without a zone", () => {
  it("are read in the zone that a person names, summer time included", () => {
    assert.equal(zone.toUtc("1996-07-04 00:00:00.000", "UTC"), "1996-07-04T00:00:00Z");
    assert.equal(zone.toUtc("2026-07-04 12:00:00", "Europe/Berlin"), "2026-07-04T10:00:00Z");
    assert.equal(zone.toUtc("2026-01-04T12:00", "Europe/Berlin"), "2026-01-04T11:00:00Z");
    assert.equal(zone.toUtc("2026-03-07 23:30:00", "America/New_York"), "2026-03-08T04:30:00Z");
  });

  it("are left alone when there is no such date or when they have a zone", () => {
    assert.equal(zone.toUtc("2026-02-30 00:00:00", "UTC"), undefined);
    assert.equal(zone.toUtc("2026-02-20 25:00:00", "UTC"), undefined);
    assert.equal(zone.lacksZone("2026-02-20T01:20:00Z"), false);
    assert.equal(zone.lacksZone("2026-02-20"), false);
  });
});
