// Gives /slim a program with SIMD, in a runtime that is started without. Prints the error.
import { initialize } from "pb-fulfillment/slim";

/** One function, which makes a vector and drops it. */
const program = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11);

await initialize(program).catch(({ code, message }) => console.log(JSON.stringify({ code, message })));
