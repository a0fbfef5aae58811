// Where the demo lies, for `heddle dev` without a file.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { packageRoot } from "../version.ts";

export interface DevTarget {
  target: string;
  /** Where the services' commands run: the folder of the file. */
  folder: string;
  demo: boolean;
}

/** The file that was asked for, else ./mesh.yaml, else the demo. */
export function devTarget(file: string | undefined): DevTarget {
  const target = file ?? (existsSync("mesh.yaml") ? "mesh.yaml" : undefined);
  if (target !== undefined) return { target, folder: dirname(resolve(target)), demo: false };
  const demoFile = join(packageRoot(), "scenarios", "demo", "mesh.yaml");
  return { target: demoFile, folder: dirname(demoFile), demo: true };
}
