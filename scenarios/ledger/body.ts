// Bodies that tell each other apart, and their hashes.
import { createHash } from "node:crypto";

/** Content that only this id has, in which a missing, doubled or misplaced piece changes the hash. */
export function bodyOf(id: string, bytes: number): Buffer {
  const body = Buffer.alloc(bytes, id.padEnd(LINE_BYTES));
  for (let at = 0; at + LINE_BYTES <= bytes; at += LINE_BYTES) {
    body.writeUInt32BE(at, at + LINE_BYTES - OFFSET_BYTES);
  }
  return body;
}

export function hashOf(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex").slice(0, 24);
}

const LINE_BYTES = 64;
/** At the end of each line, behind what an id may fill. */
const OFFSET_BYTES = 4;
