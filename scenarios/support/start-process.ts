// A Node process of a scenario: what it said so far, when it ended and how. It ends with the test at the latest.
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import type { Test } from "tap";

export interface StartOptions {
  folder: string;
  /** Words before the program, for Node itself. */
  nodeOptions?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** With a channel for messages, as `child_process.fork` makes it. */
  channel?: boolean;
  stdin?: string;
  /** Limit of open descriptors. */
  descriptors?: number;
  /** Folder of the control group that it runs in. */
  controlGroup?: string;
}

export interface Running {
  readonly pid: number;
  readonly child: ChildProcess;
  /** All that came so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** How it ended: an exit code, or the name of a signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
}

/** `words` begin with the program's file. */
export function startProcess(t: Test, words: readonly string[], options: StartOptions): Running {
  const stdio: StdioOptions = [
    "pipe",
    "pipe",
    "pipe",
    ...(options.channel ? (["ipc"] as const) : []),
  ];
  const command = [process.execPath, ...(options.nodeOptions ?? []), ...words];
  const bounds = [
    ...(options.descriptors === undefined ? [] : [`ulimit -n ${options.descriptors}`]),
    ...(options.controlGroup === undefined
      ? []
      : [`echo $$ >${options.controlGroup}/cgroup.procs`]),
  ];
  const bounded = ["sh", "-ec", [...bounds, 'exec "$0" "$@"'].join("; "), ...command];
  const [file = "", ...args] = bounds.length === 0 ? command : bounded;
  const child = spawn(file, args, {
    cwd: options.folder,
    env: { ...plainEnvironment(), ...options.environment },
    stdio,
    serialization: "advanced",
  });
  const said = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  child.stdin?.on("error", () => undefined).end(options.stdin ?? "");
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code ?? -1));
  });
  t.teardown(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    pid: child.pid ?? -1,
    child,
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    ended,
    signal: (signal) => void child.kill(signal),
  };
}

/** Without what the shell of a developer may have set for heddle, for Node or for colours. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(HEDDLE_|NODE_|FORCE_COLOR$|NO_COLOR$|TAP_)/.test(name),
  );
  return { ...Object.fromEntries(kept), LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
}
