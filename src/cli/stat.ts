// `heddle stat`: reads the counters of the agent in this folder twice and shows what came in between.
import { setTimeout as sleep } from "node:timers/promises";
import { agentClient, agentSocketPath, findAgents, type AgentClient } from "../api/index.ts";
import { MeshError } from "../lib/mesh-error.ts";
import { summarizeServices, type ServiceSummary } from "../telemetry/index.ts";
import type { Invocation } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { statJson } from "./stat-json.ts";
import { statTable } from "./stat-table.ts";
import { durationMs } from "./values.ts";

export async function run({ values, switches, terminal }: Invocation): Promise<number> {
  const windowMs = durationMs(values, "window", windowDefaultMs);
  const client = await onlyAgent();
  const watch = switches.has("watch");
  do {
    const { rows, measuredMs } = await measure(client, windowMs);
    if (values["output"] === "json") terminal.out(statJson(rows, measuredMs));
    else
      terminal.out(
        `${watch && terminal.live ? clearScreen : ""}${statTable(rows, values["output"] === "wide", terminal)}`,
      );
  } while (watch);
  return exitCode.ok;
}

async function measure(
  client: AgentClient,
  windowMs: number,
): Promise<{ rows: ServiceSummary[]; measuredMs: number }> {
  const earlier = await client.stats();
  const fromMs = performance.now();
  await sleep(windowMs);
  const later = await client.stats();
  const measuredMs = performance.now() - fromMs;
  return { rows: summarizeServices(later, earlier, measuredMs), measuredMs };
}

/** The youngest agent of this folder, by pid. */
async function onlyAgent(): Promise<AgentClient> {
  const pid = (await findAgents()).at(-1);
  if (pid === undefined) {
    throw new MeshError("HED5201", "no agent runs in this folder", {
      hint: "start one with `heddle run` or `heddle dev`",
    });
  }
  return agentClient(agentSocketPath(pid));
}

const windowDefaultMs = 1_000;
const clearScreen = "\u001b[H\u001b[2J";
