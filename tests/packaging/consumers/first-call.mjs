// The first call of each entry in a runtime from which something was taken away. Prints the errors as JSON by entry.
if (process.argv[2] === "without-webassembly") delete globalThis.WebAssembly;

const errors = {};
for (const entry of ["pb-fulfillment", "pb-fulfillment/inline"]) {
  const { validateOrders, isFulfillmentError } = await import(entry);
  errors[entry] = await validateOrders([]).then(
    () => "none",
    (error) => ({ ours: isFulfillmentError(error), code: error.code, message: error.message }),
  );
}
console.log(JSON.stringify(errors));
