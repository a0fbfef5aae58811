// Programs run to their end: their output, or an error that carries what they said.
import { execFile } from "node:child_process";

export interface Command {
  file: string;
  args: readonly string[];
}

export interface Output {
  stdout: string;
  stderr: string;
}

/** Runs a program; rejects with the end of its standard error when it fails. */
export function runCommand(command: Command, env: NodeJS.ProcessEnv = {}): Promise<Output> {
  const options = { maxBuffer: OUTPUT_BYTES_MAX, env: { ...process.env, ...env } };
  return new Promise((resolve, reject) => {
    execFile(command.file, command.args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ stdout, stderr });
      const said = stderr.trim().split("\n").slice(-LINES_KEPT).join("\n");
      const line = [command.file, ...command.args].join(" ");
      reject(new Error(`${line} failed: ${said || error.message}`, { cause: error }));
    });
  });
}

/** Whether a program is on the path. */
export async function isInstalled(name: string): Promise<boolean> {
  const found = runCommand({ file: "sh", args: ["-c", `command -v "$0"`, name] });
  return found.then(
    () => true,
    () => false,
  );
}

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const LINES_KEPT = 12;
