import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

export function ajv({ schema, countries, currencies }) {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  addFormats(ajv);
  ajv.addFormat("country", (text) => countries.has(text));
  ajv.addFormat("currency", (text) => currencies.has(text));
  const bulk = ajv.compile(schema);
  const order = ajv.compile({ ...schema.$defs.Order, $defs: schema.$defs });
  return { bulk: (value) => bulk(value), order: (value) => order(value) };
}
