// Puts this process below `heddle-hold`, the small program that holds the listening sockets while the process dies and is
// started again. It takes the place of this process, id and all, and starts the same command once more below itself.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { MeshError } from "../lib/mesh-error.ts";
import { addonPath, loadNative } from "./addon.ts";

/** True in a process that `heddle-hold` has started. */
export function isHeld(): boolean {
  return process.env["HEDDLE_HOLD"]?.startsWith(`${process.ppid}:`) ?? false;
}

/** Does not return. Only before anything else was started or opened: nothing of this process is left. */
export function beHeld(): never {
  const program = join(dirname(addonPath()), "heddle-hold");
  if (!existsSync(program))
    throw new MeshError("HED5002", `${program} does not exist`, {
      hint: "build it with `bash ci/setup`",
    });
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  loadNative().becomeProgram(program, command);
  throw new Error("a program that took the place of this process has returned");
}
