/** The repository works on any machine: it names no folder of one, and no package registry's address. */
import { matchingLines } from "./lines.ts";
import type { Rule } from "./tree.ts";

export const machinePaths: Rule = {
  name: "no path or address of one machine",
  check: (tree) => [
    ...matchingLines(tree, {
      files: /^/,
      pattern: new RegExp("(?<![\\w.$}~-])/(" + "home|root|work|Users)/[\\w.-]"),
      message: "a path of one machine; resolve it at run time",
    }),
    ...matchingLines(tree, {
      files: /^/,
      pattern: new RegExp(
        "https?://[a-z.]*(reg" + "istry|cra" + "tes|py" + "pi|gop" + "roxy|deb" + "ian)",
      ),
      message: "the address of a package registry; the package manager knows it",
    }),
  ],
};
