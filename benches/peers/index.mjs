// The peers, with the same rules as far as they can express them.
//
// | rule | pb-fulfillment | Ajv | zod | valibot |
// |---|---|---|---|---|
// | types, required, lengths, counts, values, above zero | yes | yes | yes, but lengths in UTF-16 units | as zod |
// | date-times that are real, ISO countries and currencies | yes | yes, by formats | yes, by functions | the form of a date-time only |
// | fields that the API does not know | yes, as warnings | yes, as errors | yes, as errors | yes, as errors |
// | empty text in a required field | yes | yes | yes | yes |
// | keys given twice, lone surrogates, exact bytes of each order | yes | no | no | no |
// | sums in exact decimals, dates in order, postal codes and states by country, orders given twice | yes | no | no | no |
// | place, help and mend of each issue | yes | place | place | place |
//
// So each does less than this package, and none is asked for something that it would be slow at: lists of countries are looked up in a
// Set, and Ajv's validators are compiled before the clock starts. Each peer is a file of its own, so that its size can be told.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { pkg, root } from "../../scripts/lib/paths.mjs";
import { ajv } from "./ajv.mjs";
import { rules } from "./rules.mjs";
import { valibot } from "./valibot.mjs";
import { zod } from "./zod.mjs";

/** What the rules are made of, as files. */
export const SOURCES = {
  schema: join(pkg, "schema.json"),
  countries: join(root, "src", "validate", "data", "countries.txt"),
  currencies: join(root, "src", "validate", "data", "currencies.txt"),
};

/** The peers by name, ready: each with a verdict on a bulk request and on one order. */
export function peers() {
  const [schema, countries, currencies] = [SOURCES.schema, SOURCES.countries, SOURCES.currencies].map((path) => readFileSync(path, "utf8"));
  const all = rules(JSON.parse(schema), countries, currencies);
  return { Ajv: ajv(all), zod: zod(all), valibot: valibot(all) };
}
