// Runs one command of the CLI to its end, without a terminal, as a script would.
import { join } from "node:path";
import type { Test } from "tap";
import { projectRoot } from "./project-root.ts";
import { startProcess, type StartOptions } from "./start-process.ts";

export interface CliResult {
  /** Exit code, or the signal that ended it. */
  code: number | NodeJS.Signals;
  stdout: string;
  stderr: string;
}

export async function runCli(
  t: Test,
  words: readonly string[],
  options: StartOptions,
): Promise<CliResult> {
  const main = join(projectRoot, "dist", "src", "cli", "main.js");
  const running = startProcess(t, [main, ...words], options);
  return { code: await running.ended, stdout: running.stdout, stderr: running.stderr };
}
