/** Marks of unfinished work do not stay: finish it, or open an issue. */
import { matchingLines } from "./lines.ts";
import type { Rule } from "./tree.ts";

export const leftoverMarks: Rule = {
  name: "no leftover marks",
  check: (tree) =>
    matchingLines(tree, {
      files: /\.(ts|rs|mjs|js|sh|toml|yaml)$|^ci\/[a-z]+$/,
      pattern: MARKS,
      message: "mark of unfinished work; finish it",
    }),
};

// Written in parts, so that this file does not match itself.
const MARKS = new RegExp(
  [
    "\\bTO" + "DO\\b",
    "\\bFIX" + "ME\\b",
    "\\bX" + "XX\\b",
    "\\b(todo|unimplemented|dbg)" + "!\\(",
  ].join("|"),
);
