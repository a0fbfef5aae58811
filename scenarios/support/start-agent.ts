// An agent as a user starts it: `heddle run -f mesh.yaml` in a folder of its own, ready when `/ready` says so.
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import { agentClient, agentSocketPath, type AgentStatus, type Stats } from "../../src/api/index.ts";
import { freePorts } from "./free-ports.ts";
import { projectRoot } from "./project-root.ts";
import { startProcess, type Running, type StartOptions } from "./start-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { until } from "./until.ts";

export interface AgentOptions {
  mesh: string;
  /** More words for `heddle run`. */
  words?: readonly string[];
  nodeOptions?: readonly string[];
  /** An existing folder with a mesh.yaml, for a second agent beside the first. */
  folder?: string;
  shards?: number;
  /** Limit of open descriptors. */
  descriptors?: number;
  /** Folder of the control group that it runs in. */
  controlGroup?: string;
}

export interface Agent extends Running {
  readonly folder: string;
  readonly metricsPort: number;
  readonly healthPort: number;
  status(): Promise<AgentStatus>;
  stats(): Promise<Stats>;
  /** The text of `/metrics`. */
  metrics(): Promise<string>;
  /** Replaces mesh.yaml in one step, as an editor does. */
  write(mesh: string): Promise<void>;
}

/** Resolves when the agent is ready; rejects with what it said when it ends before. */
export async function startAgent(t: Test, options: AgentOptions): Promise<Agent> {
  const folder = options.folder ?? (await temporaryFolder(t));
  if (options.folder === undefined) await writeFile(join(folder, "mesh.yaml"), options.mesh);
  const [metricsPort = 0, healthPort = 0] = await freePorts(2);
  const start: StartOptions = {
    folder,
    ...(options.nodeOptions && { nodeOptions: options.nodeOptions }),
    ...(options.descriptors !== undefined && { descriptors: options.descriptors }),
    ...(options.controlGroup !== undefined && { controlGroup: options.controlGroup }),
  };
  const running = startProcess(t, words(options, { metricsPort, healthPort }), start);
  let ended: unknown;
  void running.ended.then((how) => (ended = how));
  await until("the agent is ready", async () => {
    if (ended !== undefined)
      throw new Error(`the agent ended with ${JSON.stringify(ended)}:\n${running.stderr}`);
    return isReady(healthPort);
  });
  const client = agentClient(join(folder, agentSocketPath(running.pid)));
  const write = async (mesh: string): Promise<void> => {
    await writeFile(join(folder, ".mesh.yaml.new"), mesh);
    await rename(join(folder, ".mesh.yaml.new"), join(folder, "mesh.yaml"));
  };
  const metrics = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const own = { folder, metricsPort, healthPort, metrics, write };
  return Object.assign(running, own, { status: client.status, stats: client.stats });
}

function words(
  options: AgentOptions,
  ports: { metricsPort: number; healthPort: number },
): string[] {
  return [
    join(projectRoot, "dist", "src", "cli", "main.js"),
    "run",
    "-f",
    "mesh.yaml",
    "--shards",
    String(options.shards ?? 2),
    "--metrics-port",
    String(ports.metricsPort),
    "--health-port",
    String(ports.healthPort),
    ...(options.words ?? []),
  ];
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
  } catch {
    return false;
  }
}
