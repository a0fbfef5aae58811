// A shard lives on the event loop of its thread: while it forwards all it can, the thread's JavaScript still gets its
// turn. Measured as the round trip of a message to that JavaScript.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import type { Stats } from "../../src/api/index.ts";
import { freePorts } from "../support/free-ports.ts";
import { nextMessage } from "../support/next-message.ts";
import { percentile } from "../support/percentile.ts";
import { projectRoot } from "../support/project-root.ts";
import { scenario } from "../support/scenario.ts";
import { startOrigin } from "../support/start-origin.ts";
import { startProcess, type Running } from "../support/start-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { threadTimes, type ThreadTime } from "./thread-times.ts";

/** What the agent of this scenario reports. */
export interface PingReport {
  roundTripsMs: number[];
  before: Stats;
  after: Stats;
  seconds: number;
}

scenario("the JavaScript of a saturated shard answers within milliseconds", async (t) => {
  const [edge = 0, port = 0] = await freePorts(2);
  await startOrigin(t, [port]);
  const agent = await startPingedAgent(t, meshText(edge, port));

  const idle = await measure(agent);
  const forwarding = await measureUnder(t, agent, [String(edge), "32", "4", "/"]);
  const answering = await measureUnder(t, agent, [String(edge), "32", "32", "/nowhere"]);

  for (const [name, { report, busiest }] of Object.entries({ idle, forwarding, answering })) {
    t.comment(
      `${name.padEnd(10)} ${describe(report)}, busiest thread ${describeThread(busiest, report)}`,
    );
  }
  const p99 = percentile(answering.report.roundTripsMs, 99);
  t.ok(load(answering) > 0.8, "the shard had work all the time");
  t.ok(answering.report.roundTripsMs.length > 100, "enough pings came back");
  t.ok(percentile(idle.report.roundTripsMs, 99) < P99_MS_MAX, "idle");
  t.ok(percentile(forwarding.report.roundTripsMs, 99) < P99_MS_MAX, "while it forwards");
  t.ok(p99 < P99_MS_MAX, `while it answers a flood (${p99.toFixed(2)} ms)`);
});

interface Measured {
  report: PingReport;
  busiest: ThreadTime;
}

async function startPingedAgent(t: Test, mesh: string): Promise<Running> {
  const folder = await temporaryFolder(t);
  const file = join(folder, "mesh.yaml");
  await writeFile(file, mesh);
  const agent = startProcess(t, [programOf("./agent-with-pings.js"), file, "1"], {
    folder,
    channel: true,
  });
  await nextMessage(agent);
  return agent;
}

async function measure(agent: Running): Promise<Measured> {
  const before = await threadTimes(agent.pid);
  agent.child.send(MEASURE_MS);
  const report = (await nextMessage(agent)) as PingReport;
  const after = await threadTimes(agent.pid);
  const deltas = [...after].map(([thread, { runningMs, waitingMs }]) => ({
    runningMs: runningMs - (before.get(thread)?.runningMs ?? 0),
    waitingMs: waitingMs - (before.get(thread)?.waitingMs ?? 0),
  }));
  const busiest = deltas.toSorted((left, right) => right.runningMs - left.runningMs)[0];
  if (busiest === undefined) throw new Error("a process without threads");
  return { report, busiest };
}

async function measureUnder(t: Test, agent: Running, words: readonly string[]): Promise<Measured> {
  const program = programOf("./flood-client.js");
  const flood = startProcess(t, [program, ...words], { folder: projectRoot, channel: true });
  await nextMessage(flood);
  const measured = await measure(agent);
  flood.signal("SIGKILL");
  await flood.ended;
  return measured;
}

function meshText(edge: number, port: number): string {
  return `mesh: busy
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { port: 80, endpoints: ["127.0.0.1:${port}"] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: root }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - matches: [{ path: { type: Exact, value: / } }]
      backendRefs: [{ name: web, port: 80 }]
`;
}

function programOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Share of the time in which the busiest thread ran or wanted to. */
function load({ report, busiest }: Measured): number {
  return (busiest.runningMs + busiest.waitingMs) / (report.seconds * 1_000);
}

function describe({ roundTripsMs, before, after, seconds }: PingReport): string {
  const p50 = percentile(roundTripsMs, 50).toFixed(3);
  const p99 = percentile(roundTripsMs, 99).toFixed(3);
  const perSecond = ((requestCount(after) - requestCount(before)) / seconds).toFixed(0);
  return `ping p50 ${p50} ms, p99 ${p99} ms of ${roundTripsMs.length}; ${perSecond} requests/s`;
}

function describeThread({ runningMs, waitingMs }: ThreadTime, { seconds }: PingReport): string {
  const percent = (ms: number): string => `${(ms / seconds / 10).toFixed(0)} %`;
  return `${percent(runningMs)} running, ${percent(waitingMs)} waiting for a processor`;
}

function requestCount({ cells }: Stats): number {
  return cells.flatMap(({ requests }) => requests).reduce((sum, { count }) => sum + count, 0);
}

const MEASURE_MS = 3_000;
/** Far above a turn of the shard and a time slice of the kernel, far below what a person or a health check notices. */
const P99_MS_MAX = 50;
