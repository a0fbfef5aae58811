// heddle itself, run from the built tree as a user would run it.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { distFolder, projectRoot } from "../../project.ts";
import type { Assignment, Peer } from "../peer.ts";
import { meshFile } from "./mesh.ts";

export const heddle: Peer = {
  name: "heddle",
  install: () => Promise.resolve(),
  version: async () => {
    const text = await readFile(join(projectRoot, "package.json"), "utf8");
    return (JSON.parse(text) as { version: string }).version;
  },
  configure: async (assignment: Assignment) => {
    const path = join(assignment.folder, "mesh.yaml");
    await writeFile(path, meshFile(assignment));
    const program = join(distFolder, "src", "cli", "main.js");
    const args = [program, "run", "-f", path, "--shards", String(assignment.threads)];
    return { file: process.execPath, args };
  },
  errors: () => Promise.resolve({}),
};
