/** Nothing large is stored: a clone stays small for good. */
import type { Rule } from "./tree.ts";

export const blobSize: Rule = {
  name: "no file over 256 KiB",
  check: (tree) =>
    tree.files
      .map((path) => ({ path, bytes: tree.sizeBytes(path) }))
      .filter(({ bytes }) => bytes > BYTES_MAX)
      .map(({ path, bytes }) => ({ path, message: `${bytes} bytes; store at most ${BYTES_MAX}` })),
};

const BYTES_MAX = 256 * 1024;
