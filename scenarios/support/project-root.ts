// Where the package lies, found from wherever a compiled scenario runs.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The nearest folder above with a package.json. */
export const projectRoot: string = rootAbove(import.meta.dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  if (dirname(folder) === folder) throw new Error("no package.json above this file");
  return rootAbove(dirname(folder));
}
