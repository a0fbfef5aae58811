// A working folder of its own for each test, removed when the test is over.
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";

/** The path is short, because it becomes part of a Unix socket's address. */
export async function temporaryFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), "heddle-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
