/** A file past these sizes holds more than one idea: look for the seam. */
import type { Rule } from "./tree.ts";

export const fileSize: Rule = {
  name: "no source file past its size",
  check: (tree) =>
    LINES_MAX.flatMap(({ files, lines }) =>
      tree.sources
        .filter((path) => files.test(path))
        .map((path) => ({ path, count: tree.read(path).split("\n").length - 1 }))
        .filter(({ count }) => count > lines)
        .map(({ path, count }) => ({ path, message: `${count} lines; split it before ${lines}` })),
    ),
};

const LINES_MAX = [
  { files: /\.tsx?$/, lines: 600 },
  { files: /\.rs$/, lines: 1000 },
];
