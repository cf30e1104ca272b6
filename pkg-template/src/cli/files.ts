/** The files of a command. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** How much is read at once: more does not make it faster. */
const CHUNK = 1 << 20;

/** A file that is open. */
export interface Open {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** How many bytes it has, if that is known. */
  readonly size: number | undefined;
}

/** Opens a file, or standard input. Rejects if it is not there. */
export async function open(file: string): Promise<Open> {
  if (file === "-") return { chunks: process.stdin, size: undefined };
  const stats = await stat(file);
  return { chunks: createReadStream(file, { highWaterMark: CHUNK }), size: stats.isFile() ? stats.size : undefined };
}

/** Whether there was nothing but white space and a byte order mark. */
export class Blank {
  still = true;

  /** The chunks, looked at as they are read. */
  async *watched(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.still &&= chunk.every((byte) => BLANK.has(byte));
      yield chunk;
    }
  }
}

/** The white space of JSON (RFC 8259), and the bytes of the mark. */
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);
