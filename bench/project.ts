// Where the project's files are, whether this runs from its compiled or its source folder.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** The folder that holds package.json. */
export const projectRoot: string = findRoot(import.meta.dirname);

/** The compiled files. */
export const distFolder: string = join(projectRoot, "dist");

/** What may be thrown away and fetched or built again. */
export const cacheFolder: string = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "heddle",
);

function findRoot(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}`);
  return findRoot(parent);
}
