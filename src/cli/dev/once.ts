// `heddle dev --once`: waits until the services listen, sends requests through every edge, prints the graph and the
// table, stops everything, and tells by its exit code whether all of it worked.
import { summarizeServices } from "../../telemetry/index.ts";
import type { Stats } from "../../api/index.ts";
import type { DevMesh } from "../dev.ts";
import { exitCode } from "../exit-code.ts";
import { statTable } from "../stat-table.ts";
import { graphText, probeEdges, type EdgeHealth } from "./graph.ts";
import { probeHttp } from "./probe.ts";
import type { Listener } from "./workloads.ts";

export async function once(mesh: DevMesh, ended: Promise<number>): Promise<number> {
  const result = await Promise.race([prove(mesh), ended]);
  mesh.agent.stop(stopGraceMs);
  await mesh.agent.finished;
  return result;
}

async function prove(mesh: DevMesh): Promise<number> {
  const { agent, terminal, workloads, startMs } = mesh;
  try {
    await workloads.ready(readyTimeoutMs);
  } catch (error) {
    terminal.say(`${terminal.marks.bad} ${(error as Error).message}`);
    return exitCode.failure;
  }
  const { listeners } = agent.status();
  const beforeMs = performance.now();
  const healths = await probeEdges(listeners);
  const failures = healths.flatMap(({ listener, result }) =>
    result.ok ? [] : [`${describe(listener)}: ${result.outcome}`],
  );
  failures.push(
    ...(await sendThrough(
      listeners.filter(({ source, protocol }) => source === undefined && protocol === "http"),
    )),
  );
  const stats = agent.stats();
  failures.push(...unused(healths, stats));
  terminal.out(`${graphText(healths, terminal)}\n`);
  terminal.out(
    statTable(summarizeServices(stats, undefined, performance.now() - beforeMs), false, terminal),
  );
  for (const failure of failures) terminal.say(`${terminal.marks.bad} ${failure}`);
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  const verdict =
    failures.length === 0 ? `${terminal.marks.ok} healthy` : `${terminal.marks.bad} not healthy`;
  terminal.out(
    `\n${verdict}: ${listeners.length} edges, ${workloads.processes.length} service processes, ${seconds} s\n`,
  );
  return failures.length === 0 ? exitCode.ok : exitCode.failure;
}

/** A few requests through each edge listener, so that percentiles mean something. */
async function sendThrough(edges: readonly Listener[]): Promise<string[]> {
  const failures = new Set<string>();
  for (const edge of edges) {
    for (let sent = 0; sent < requestsPerEdge; sent += 1) {
      const { ok, outcome } = await probeHttp(edge.address);
      if (!ok) failures.add(`${describe(edge)}: ${outcome}`);
    }
  }
  return [...failures];
}

/** Edges that the shards did not count anything on, although a probe went through. */
function unused(healths: readonly EdgeHealth[], { cells }: Stats): string[] {
  return healths
    .filter(({ result }) => result.ok)
    .filter(({ listener }) => {
      const own = cells.filter((cell) => cell.listener === listener.name);
      return !own.some(
        (cell) => cell.requests.some(({ count }) => count > 0) || cell.connectionsOpened > 0,
      );
    })
    .map(({ listener }) => `${describe(listener)}: answered, but nothing was counted`);
}

function describe({ source, name, service, address }: Listener): string {
  return `${source ?? name} -> ${service} (${address})`;
}

const readyTimeoutMs = 10_000;
const requestsPerEdge = 100;
const stopGraceMs = 2_000;
