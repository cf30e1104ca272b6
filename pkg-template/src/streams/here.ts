/** What reads streams, where the program for it is there. */
export { validateStream } from "./reading.js";
export { submitStream } from "./submission.js";
