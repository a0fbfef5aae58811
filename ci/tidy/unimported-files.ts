/**
 * Every TypeScript file is reached: imported by another, started by name as a program, or run as a test.
 * A program counts as started when its path in dist/ stands in package.json, in a script of ci/ or in a mesh file.
 */
import { posix } from "node:path";
import type { Finding, Rule, Tree } from "./tree.ts";

export const unimportedFiles: Rule = {
  name: "no file that nothing imports",
  check(tree) {
    const reached = new Set(tree.sources.flatMap((path) => referencesOf(tree, path)));
    return tree.sources
      .filter(
        (path) => path.endsWith(".ts") && !STARTED_BY_RUNNERS.test(path) && !reached.has(path),
      )
      .map((path): Finding => ({ path, message: "nothing imports it; remove it or use it" }));
  },
};

function referencesOf(tree: Tree, path: string): string[] {
  if (path.endsWith(".ts")) {
    // Imports, `new URL("./worker.js", import.meta.url)` and the names of programs beside the file alike.
    return [...tree.read(path).matchAll(/["'`]((?:\.\.?\/)?[\w./-]+)\.[jt]s["'`]/g)].map((match) =>
      posix.join(posix.dirname(path), `${match[1]}.ts`),
    );
  }
  if (STARTS_PROGRAMS.test(path)) {
    return [...tree.read(path).matchAll(/\bdist\/([\w./-]+)\.js\b/g)].map(
      (match) => `${match[1]}.ts`,
    );
  }
  return [];
}

const STARTED_BY_RUNNERS = /\.(test|e2e)\.ts$|^scenarios\/[^/]+\/scenario\.ts$/;
const STARTS_PROGRAMS = /^package\.json$|^ci\/[a-z]+$|\.yaml$/;
