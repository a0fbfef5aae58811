import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "tap";
import { writeResult } from "./result.ts";
import type { Result } from "./result.ts";

function resultOf(sha: string, note: string): Result {
  return {
    schemaVersion: 1,
    tool: "heddle-bench",
    version: "0.0.0",
    git: { sha, dirty: false },
    host: { cpu: "c", cores: 2, governor: "g", kernel: "k", node: "n", virt: "v" },
    scenario: { id: "h1", params: {} },
    peers: {},
    runs: [],
    comparison: [],
    verdict: "none",
    exit_code: 0,
    notes: [note],
  };
}

test("a commit replaces its own result and never that of another one", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "heddle-result-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const first = await writeResult(resultOf("0123456789abcdef", "old"), folder);
  const again = await writeResult(resultOf("0123456789abcdef", "new"), folder);
  const other = await writeResult(resultOf("0123456789ffffff", "other"), folder);
  t.equal(basename(first), "h1-0123456789.json");
  t.equal(again, first);
  t.equal(basename(other), "h1-0123456789-2.json");
  t.match(await readFile(first, "utf8"), /"new"/);
});
