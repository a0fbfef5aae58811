// The only place that loads the native addon. HEDDLE_NATIVE names another file; without it the addon lies in the
// package. A missing or unloadable addon is an error that names the command which builds it.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MeshError } from "../lib/mesh-error.ts";
import type * as boundary from "./native.d.ts";

/** The functions of the addon, typed. */
export type Native = typeof boundary;

/** The file that is loaded: named by HEDDLE_NATIVE, else in the package. */
export function addonPath(): string {
  return process.env["HEDDLE_NATIVE"] ?? join(packageRoot(), "native", "heddle.node");
}

export function loadNative(): Native {
  const path = addonPath();
  try {
    return createRequire(import.meta.url)(path) as Native;
  } catch (cause) {
    const reason = existsSync(path)
      ? `cannot be loaded: ${(cause as Error).message}`
      : "does not exist";
    throw new MeshError("HED5001", `the native addon ${path} ${reason}`, {
      hint: "build it with `bash ci/setup`",
      cause,
    });
  }
}

/** The nearest folder above with a package.json: the same for sources and for `dist/`. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder)
    folder = dirname(folder);
  return folder;
}
