// Drives the closed-loop generator, so that counters of the proxy are read while it is at rest.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { pinned } from "../process/pinned.ts";

/** One line of the generator about a measured interval. */
export interface LoadReport {
  requests: number;
  errors: Record<string, number>;
  seconds: number;
  rps: number;
  bytes: number;
  latency: LoadLatency;
  cpu_seconds: number;
}

/** Nanoseconds; `hdr` is HdrHistogram V2, deflated, base64. */
export interface LoadLatency {
  unit: "ns";
  hdr: string;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  p9999: number;
  max: number;
}

export interface LoadOptions {
  program: string;
  args: readonly string[];
  core?: number | undefined;
}

export interface Measured<T> {
  report: LoadReport;
  before: T;
  after: T;
}

/** Connects, warms up, and runs one interval between two calls of `sample`. */
export async function measureLoad<T>(options: LoadOptions, sample: () => T): Promise<Measured<T>> {
  await using generator = start(options);
  expectReady(await generator.nextLine());
  const before = sample();
  generator.goOn();
  const report = JSON.parse(await generator.nextLine()) as LoadReport;
  const after = sample();
  return { report, before, after };
}

/** Opens idle connections and calls `sample` while they are held. */
export async function whileIdle<T>(options: LoadOptions, sample: () => Promise<T>): Promise<T> {
  await using generator = start(options);
  expectReady(await generator.nextLine());
  return await sample();
}

interface Generator extends AsyncDisposable {
  nextLine(): Promise<string>;
  goOn(): void;
}

function start(options: LoadOptions): Generator {
  const [file = "", ...args] = pinned([options.program, ...options.args], options.core);
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  const endWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithUs);
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said += part.toString()));
  child.stdin.on("error", () => undefined);
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    nextLine: async () => {
      const { value, done } = await lines.next();
      if (done !== true) return value;
      await ended;
      throw new Error(`the load generator ended: ${said.trim() || `status ${child.exitCode}`}`);
    },
    goOn: () => void child.stdin.write("\n"),
    [Symbol.asyncDispose]: async () => {
      // It waits for a line, or somebody has failed: either way it has nothing left to do.
      child.kill("SIGTERM");
      await ended;
      process.removeListener("exit", endWithUs);
    },
  };
}

function expectReady(line: string): void {
  if (line !== `{"event":"ready"}`) throw new Error(`the load generator said ${line}`);
}
