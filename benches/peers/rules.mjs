// The package's own JSON Schema, with the rules added that a schema can express and the package has as warnings or by program.

/** `schema` is the package's; the lists are texts of codes. */
export function rules(schema, countryText, currencyText) {
  schema = structuredClone(schema);
  const visit = (node) => {
    if (node.properties) node.additionalProperties = false;
    for (const [name, property] of Object.entries(node.properties ?? {})) {
      if (property.pattern) {
        delete property.pattern;
        property.format = "date-time";
      }
      if (/country(Code(Country)?)?$/i.test(name)) property.format = "country";
      if (/currency$/i.test(name)) property.format = "currency";
    }
    for (const definition of Object.values(node.$defs ?? {})) visit(definition);
  };
  visit(schema);
  return { schema, countries: new Set(countryText.match(/^[A-Z]{2}\b/gm)), currencies: new Set(currencyText.match(/\b[A-Z]{3}\b/g)) };
}
