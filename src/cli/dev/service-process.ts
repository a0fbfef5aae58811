// One service process: started in a group of its own, started again with growing pauses when it ends, its output kept
// in a log file. Stopping ends the whole group, first politely.
import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Guard } from "./guard.ts";

export interface ServiceProcessOptions {
  service: string;
  port: number;
  /** For the shell. */
  command: string;
  folder: string;
  /** Added to the environment of this process. */
  environment: Readonly<Record<string, string>>;
  logPath: string;
  guard: Guard;
  /** The process ended although nobody asked; `lines` are the last ones it wrote. */
  ended(how: string, lines: readonly string[], pauseMs: number): void;
}

export class ServiceProcess {
  readonly service: string;
  readonly port: number;
  readonly #options: ServiceProcessOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;
  #lines: string[] = [];
  #pauseMs = pauseMinMs;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  #endCount = 0;

  constructor(options: ServiceProcessOptions) {
    this.service = options.service;
    this.port = options.port;
    this.#options = options;
    this.#log = createWriteStream(options.logPath, { flags: "a" });
    // A full disk must not end the mesh; what cannot be written is lost.
    this.#log.on("error", () => undefined);
    this.#start();
  }

  /** How often it has ended unasked. */
  get endCount(): number {
    return this.#endCount;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The last lines of output. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Resolves when no process of the group is left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child?.pid !== undefined) {
      const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      signalGroup(child.pid, "SIGTERM");
      const late = setTimeout(() => this.kill(), killAfterMs);
      await exited;
      clearTimeout(late);
    }
    await new Promise<void>((resolve) => this.#log.end(resolve));
  }

  /** Ends the group at once, for the end of this process. */
  kill(): void {
    this.#stopping = true;
    clearTimeout(this.#restart);
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, "SIGKILL");
  }

  #start(): void {
    const { command, folder, environment, port } = this.#options;
    const startedMs = performance.now();
    const child = spawn("/bin/sh", ["-c", command], {
      cwd: folder,
      env: { ...process.env, ...environment, PORT: String(port) },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    if (child.pid !== undefined) this.#options.guard.add(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream, crlfDelay: Infinity }).on("line", (line) =>
        this.#keep(line),
      );
    }
    child.once("error", (error) => this.#ended(error.message, startedMs));
    child.once("exit", (code, signal) => {
      if (child.pid !== undefined) {
        // What the command left running in its group would hold the port.
        signalGroup(child.pid, "SIGKILL");
        this.#options.guard.remove(child.pid);
      }
      this.#ended(signal === null ? `exit code ${code}` : signal, startedMs);
    });
  }

  #ended(how: string, startedMs: number): void {
    this.#child = undefined;
    if (this.#stopping) return;
    this.#endCount += 1;
    if (performance.now() - startedMs > steadyMs) this.#pauseMs = pauseMinMs;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMaxMs, pauseMs * 2);
    this.#restart = setTimeout(() => this.#start(), pauseMs);
    this.#options.ended(how, this.#lines, pauseMs);
  }

  #keep(line: string): void {
    if (!this.#log.writableEnded) this.#log.write(`${this.service}:${this.port} ${line}\n`);
    this.#lines = [...this.#lines.slice(1 - linesMax), line];
  }
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const pauseMinMs = 100;
const pauseMaxMs = 5_000;
/** A process that lived this long had started well, so its next end begins with a short pause again. */
const steadyMs = 10_000;
const killAfterMs = 5_000;
/** Older lines are in the log file. */
const linesMax = 20;
