/** No test is left out and none is the only one that runs. */
import { matchingLines } from "./lines.ts";
import type { Rule } from "./tree.ts";

export const focusedTests: Rule = {
  name: "no test is skipped or alone",
  check: (tree) => [
    ...matchingLines(tree, {
      files: /\.(test|e2e)\.ts$/,
      pattern: new RegExp(
        "\\.(on" + "ly|sk" + "ip|to" + "do)\\(|\\b(skip|todo|only): *(true|[\"'`])",
      ),
      message: "runs alone or not at all; mend the test or remove it",
    }),
    ...matchingLines(tree, {
      files: /\.rs$/,
      pattern: new RegExp("#\\[ig" + "nore"),
      message: "is not run; mend the test or remove it",
    }),
  ],
};
