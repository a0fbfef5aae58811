/** Finds the lines of some files that a pattern matches. */
import type { Finding, Tree } from "./tree.ts";

export interface LinePattern {
  files: RegExp;
  pattern: RegExp;
  message: string;
  /** Files in which the pattern is allowed. */
  except?: RegExp;
}

export function matchingLines(
  tree: Tree,
  { files, pattern, message, except }: LinePattern,
): Finding[] {
  return tree.sources
    .filter((path) => files.test(path) && except?.test(path) !== true)
    .flatMap((path) =>
      tree
        .read(path)
        .split("\n")
        .flatMap((text, index) => (pattern.test(text) ? [{ path, line: index + 1, message }] : [])),
    );
}
