/** Nothing large is stored: a clone stays small for good. Results of measurements hold their raw data and may be larger. */
import type { Rule } from "./tree.ts";

export const blobSize: Rule = {
  name: "no file over 256 KiB",
  check: (tree) =>
    tree.files
      .map((path) => ({ path, bytes: tree.sizeBytes(path) }))
      .map((file) => ({
        ...file,
        most: file.path.startsWith("bench/results/") ? RESULT_BYTES_MAX : BYTES_MAX,
      }))
      .filter(({ bytes, most }) => bytes > most)
      .map(({ path, bytes, most }) => ({ path, message: `${bytes} bytes; store at most ${most}` })),
};

const BYTES_MAX = 256 * 1024;
const RESULT_BYTES_MAX = 1024 * 1024;
