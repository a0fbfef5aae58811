// The lasting form of `heddle dev`: says when the mesh is up, sends the demo's traffic, and redraws the table until a
// signal ends it.
import { summarizeServices } from "../../telemetry/index.ts";
import type { Stats } from "../../api/index.ts";
import type { DevMesh } from "../dev.ts";
import { statTable } from "../stat-table.ts";
import { graphText, probeEdges } from "./graph.ts";
import { startTraffic, type Traffic } from "./traffic.ts";

export async function live(mesh: DevMesh, ended: Promise<number>): Promise<number> {
  const up = mesh.workloads.ready(readyTimeoutMs).then(
    () => announce(mesh),
    (error: unknown) => mesh.terminal.say(`${mesh.terminal.marks.warn} ${String(error)}`),
  );
  const edge = mesh.agent
    .status()
    .listeners.find(({ source, protocol }) => source === undefined && protocol === "http");
  let traffic: Traffic | undefined;
  void up.then(() => {
    if (mesh.target.demo && edge !== undefined)
      traffic = startTraffic(edge.address, trafficPerSecond);
  });
  const stopDrawing = drawEverySecond(mesh);
  try {
    return await ended;
  } finally {
    traffic?.stop();
    stopDrawing();
  }
}

async function announce({ agent, terminal, workloads, target, startMs }: DevMesh): Promise<void> {
  const { listeners, metricsAddress } = agent.status();
  terminal.out(graphText(await probeEdges(listeners), terminal));
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  terminal.out(
    `${workloads.processes.length} service processes, ready in ${seconds} s, metrics http://${metricsAddress}/metrics (Ctrl-C stops all)\n`,
  );
  if (target.demo)
    terminal.out(
      `the demo sends ${trafficPerSecond} requests per second of its own; ${demoHint}\n`,
    );
  terminal.out("\n");
}

function drawEverySecond({ agent, screen, terminal }: DevMesh): () => void {
  const readings: { stats: Stats; atMs: number }[] = [];
  const timer = setInterval(() => {
    const atMs = performance.now();
    const stats = agent.stats();
    readings.push({ stats, atMs });
    if (readings.length > windowReadings + 1) readings.shift();
    const first = readings[0];
    if (first === undefined || readings.length < 2) return;
    screen.draw(
      statTable(summarizeServices(stats, first.stats, atMs - first.atMs), false, terminal),
      atMs,
    );
  }, 1_000);
  return () => clearInterval(timer);
}

const readyTimeoutMs = 10_000;
const trafficPerSecond = 50;
const demoHint = "try curl -i -H 'x-user-group: beta' http://127.0.0.1:8080/";
/** The table shows the last ten seconds. */
const windowReadings = 10;
