// A server started for a measurement: pinned to a core, its complaints kept, ended for certain.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Command } from "./command.ts";
import { pinned } from "./pinned.ts";

export interface Server {
  pid: number;
  /** Throws with what the program said when it has ended by itself. */
  assertRunning(): void;
  /** SIGTERM, then SIGKILL after a grace; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  name: string;
  /** The core it may run on; any when absent. */
  core?: number | undefined;
}

export function startServer(command: Command, options: ServerOptions): Server {
  const words = pinned([command.file, ...command.args], options.core);
  // Each hop replaces the one before, so that the process id stays; peers do not all raise the
  // limit on open files themselves.
  const raise = `ulimit -n "$(ulimit -H -n)"; exec "$@"`;
  const child = spawn("sh", ["-c", raise, "sh", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = keepEnd(child);
  const endWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithUs);
  child.once("exit", () => process.removeListener("exit", endWithUs));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.name} could not be started`);
  return {
    pid,
    assertRunning: () => {
      if (!hasEnded(child)) return;
      throw new Error(`${options.name} ended (${child.exitCode ?? child.signalCode}): ${said()}`);
    },
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await gone;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Keeps the last part of both output streams. */
function keepEnd(child: ChildProcess): () => string {
  let text = "";
  const keep = (part: Buffer): void => {
    text = (text + part.toString()).slice(-SAID_CHARACTERS);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => text.trim();
}

const GRACE_MS = 3_000;
const SAID_CHARACTERS = 2_000;
