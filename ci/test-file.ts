/** Runs one compiled test file and counts its tests. A file that hangs is ended with all it started. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { performance } from "node:perf_hooks";
import { tapCounts } from "./tap-counts.ts";
import type { Counts } from "./tap-counts.ts";

export interface TestFileResult {
  counts: Counts;
  /** Both streams, in the order in which they arrived. */
  output: string;
  elapsedMs: number;
}

export async function runTestFile(
  path: string,
  options: { timeoutMs?: number } = {},
): Promise<TestFileResult> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const startMs = performance.now();
  // A process group of its own: what the test leaves running ends with it.
  const child = spawn(process.execPath, ["--enable-source-maps", path], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  const endWithUs = (): void => endGroup(child);
  process.once("exit", endWithUs);
  let points = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    points += chunk;
    output += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const timer = setTimeout(() => {
    output += `# ended: still running after ${timeoutMs} ms\n`;
    endGroup(child);
  }, timeoutMs);
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once("exit", () => endGroup(child));
    child.once("close", (code) => resolve(code));
  });
  clearTimeout(timer);
  process.off("exit", endWithUs);
  return { counts: tapCounts(points, exitCode), output, elapsedMs: performance.now() - startMs };
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group has ended already.
  }
}

/** End-to-end files start a mesh several times; the longest takes well under this. */
const TIMEOUT_MS = 300_000;
