/** Only native/driver and native/binding may be unsafe; every other crate forbids it on top. */
import { matchingLines } from "./lines.ts";
import type { Finding, Rule } from "./tree.ts";

export const unsafeCode: Rule = {
  name: "unsafe only in driver and binding",
  check: (tree) => [
    ...tree.sources
      .filter(
        (path) => CRATE_ROOT.test(path) && !MAY.test(path) && !tree.read(path).includes(FORBID),
      )
      .map((path): Finding => ({ path, message: `the crate does not begin with ${FORBID}` })),
    ...matchingLines(tree, {
      files: /^native\/.*\.rs$/,
      except: MAY,
      pattern: /\bunsafe\b(?!_code\))/,
      message: "unsafe belongs to native/driver and native/binding",
    }),
  ],
};

const FORBID = "#![forbid(unsafe_code)]";
const MAY = /^native\/(driver|binding)\//;
// The macro of a fuzz target exports a function by name, which counts as unsafe; the line rule still holds there.
const CRATE_ROOT = /^native\/(?!fuzz\/)[\w-]+\/src\/(lib|main|bin\/[\w-]+)\.rs$/;
