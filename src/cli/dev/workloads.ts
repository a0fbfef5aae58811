// The service processes of a mesh: one per workload, started with the addresses of their upstreams, replaced when the
// configuration changes, ended together.
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentEvent } from "../../agent/index.ts";
import type { AgentStatus } from "../../api/index.ts";
import { startGuard, type Guard } from "./guard.ts";
import { ServiceProcess } from "./service-process.ts";

export type Workload = Extract<AgentEvent, { kind: "published" }>["workloads"][number];
export type Listener = AgentStatus["listeners"][number];

export interface WorkloadsOptions {
  /** Where the commands run. */
  folder: string;
  say(text: string): void;
}

export class Workloads {
  readonly #options: WorkloadsOptions;
  readonly #guard: Guard = startGuard();
  readonly #running = new Map<string, ServiceProcess>();
  #replacing: Promise<void> = Promise.resolve();

  constructor(options: WorkloadsOptions) {
    this.#options = options;
    mkdirSync(logsFolder, { recursive: true });
    process.once("exit", this.kill);
  }

  get processes(): readonly ServiceProcess[] {
    return [...this.#running.values()];
  }

  /** Stops what is no longer wanted as it is, and starts what is. Changes come one after the other. */
  apply(workloads: readonly Workload[], listeners: readonly Listener[]): Promise<void> {
    this.#replacing = this.#replacing.then(() => this.#replace(workloads, listeners));
    return this.#replacing;
  }

  /** Resolves when every process answers on its port; rejects with the reason when one does not. */
  async ready(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    await this.#replacing;
    await Promise.all(this.processes.map((process) => untilListening(process, deadlineMs)));
  }

  async stop(): Promise<void> {
    await this.#replacing;
    await Promise.all(this.processes.map((process) => process.stop()));
    this.#running.clear();
    await this.#guard.close();
    process.off("exit", this.kill);
  }

  /** Ends all at once. */
  readonly kill = (): void => {
    for (const process of this.#running.values()) process.kill();
  };

  async #replace(workloads: readonly Workload[], listeners: readonly Listener[]): Promise<void> {
    const wanted = new Map(workloads.map((workload) => [keyOf(workload, listeners), workload]));
    const gone = [...this.#running].filter(([key]) => !wanted.has(key));
    for (const [key] of gone) this.#running.delete(key);
    await Promise.all(gone.map(([, process]) => process.stop()));
    for (const [key, workload] of wanted) {
      if (!this.#running.has(key)) this.#running.set(key, this.#start(workload, listeners));
    }
  }

  #start(workload: Workload, listeners: readonly Listener[]): ServiceProcess {
    const { service, port, command } = workload;
    const { folder, say } = this.#options;
    return new ServiceProcess({
      service,
      port,
      command,
      folder,
      environment: upstreamEnvironment(service, listeners),
      logPath: join(logsFolder, `${service}.log`),
      guard: this.#guard,
      ended: (how, lines, pauseMs) => {
        for (const line of lines.slice(-crashLinesMax)) say(`${service}:${port} | ${line}`);
        say(`${service}:${port} ended (${how}), starts again in ${pauseMs} ms`);
      },
    });
  }
}

/** `HEDDLE_UPSTREAM_<NAME>` for each outbound listener of the service. */
export function upstreamEnvironment(
  service: string,
  listeners: readonly Listener[],
): Record<string, string> {
  const own = listeners.filter(({ source }) => source === service);
  return Object.fromEntries(
    own.map((listener) => [
      `HEDDLE_UPSTREAM_${listener.service.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`,
      `${listener.protocol}://${listener.address}`,
    ]),
  );
}

function keyOf(workload: Workload, listeners: readonly Listener[]): string {
  return JSON.stringify([
    workload.service,
    workload.port,
    workload.command,
    upstreamEnvironment(workload.service, listeners),
  ]);
}

async function untilListening(process: ServiceProcess, deadlineMs: number): Promise<void> {
  while (!(await accepts(process.port))) {
    if (process.endCount >= endsMax) throw notReady(process, "keeps ending");
    if (performance.now() > deadlineMs) throw notReady(process, "does not listen");
    await sleep(pollMs);
  }
  // Somebody else may have the port, while our process cannot get it.
  if (process.endCount > 0 && process.pid === undefined)
    throw notReady(process, "cannot run while its port is taken");
}

function notReady({ service, port, lines }: ServiceProcess, what: string): Error {
  return new Error(
    [`${service}:${port} ${what}`, ...lines.slice(-crashLinesMax).map((line) => `  ${line}`)].join(
      "\n",
    ),
  );
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const answer = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
  });
}

const logsFolder = join(".heddle", "logs");
/** An error of Node with its stack fits. */
const crashLinesMax = 15;
const endsMax = 3;
const pollMs = 20;
