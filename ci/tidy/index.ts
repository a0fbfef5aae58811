/** The rules of the repository that no compiler and no linter knows; adding one adds a row. */
import { bannedCalls } from "./banned-calls.ts";
import { blobSize } from "./blob-size.ts";
import { dependencies } from "./dependencies.ts";
import { fileSize } from "./file-size.ts";
import { focusedTests } from "./focused-tests.ts";
import { leftoverMarks } from "./leftover-marks.ts";
import { lockSources } from "./lock-sources.ts";
import { machinePaths } from "./machine-paths.ts";
import { markdownTitle } from "./markdown-title.ts";
import { rustRooms } from "./rust-rooms.ts";
import type { Rule } from "./tree.ts";
import { unimportedFiles } from "./unimported-files.ts";
import { unsafeCode } from "./unsafe-code.ts";

export { treeOnDisk } from "./tree.ts";

export const rules: readonly Rule[] = [
  leftoverMarks,
  focusedTests,
  bannedCalls,
  unimportedFiles,
  rustRooms,
  unsafeCode,
  blobSize,
  fileSize,
  markdownTitle,
  machinePaths,
  dependencies,
  lockSources,
];
