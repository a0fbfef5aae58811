// The process of the data plane dies or is replaced under load, below `heddle-hold`.
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Test } from "tap";
import { failuresOf } from "../support/failures-of.ts";
import { freePorts } from "../support/free-ports.ts";
import { memoryOf } from "../support/memory-of.ts";
import { monotonicMs } from "../support/monotonic-ms.ts";
import { projectRoot } from "../support/project-root.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { startLoad, type LedgerEntry, type Load } from "../support/start-load.ts";
import { startOrigin } from "../support/start-origin.ts";
import { until } from "../support/until.ts";

scenario("kill -9 under load refuses no connection and loses what was in flight", (t) =>
  dies(t, "SIGKILL"),
);

scenario("a native abort does the same", (t) => dies(t, "SIGABRT"));

scenario("SIGUSR2 puts a new process in the place of the old, and no request fails", async (t) => {
  const { agent, edge } = await heldAgent(t);
  const load = await startLoad(t, { ...LOAD, port: edge, tag: "replaced" });
  const ledger = await answered(load, 500);
  const before = await dataPlane(agent);

  agent.signal("SIGUSR2");
  await until("the old process has ended", async () => {
    const pids = await children(agent.pid);
    return pids.length === 1 && !pids.includes(before);
  });
  ledger.push(...(await answered(load, 500)), ...(await load.stop()).ledger);

  t.comment(`replaced under load: ${ledger.length} requests, failures ${count(ledger)}`);
  t.strictSame(failuresOf(ledger), {}, "no request failed");
  agent.signal("SIGTERM");
  t.equal(await agent.ended, 0);
});

scenario("a process that says that its configuration is wrong is not started again", async (t) => {
  t.equal(await held("exit 78"), 78);
});

scenario("a process that keeps dying is given up after ten starts in a minute", async (t) => {
  const fromMs = monotonicMs();
  const code = await held("kill -9 $$");
  t.comment(`given up after ${(monotonicMs() - fromMs).toFixed(0)} ms`);
  t.equal(code, 70);
});

async function dies(t: Test, signal: "SIGKILL" | "SIGABRT"): Promise<void> {
  const { agent, edge } = await heldAgent(t);
  const load = await startLoad(t, { ...LOAD, port: edge, tag: signal });
  const ledger = await answered(load, 500);
  const nodeMs = await startOfNodeMs();
  await rm(join(agent.folder, "mesh.yaml"));

  const killedMs = monotonicMs();
  process.kill(await dataPlane(agent), signal);
  ledger.push(...(await answered(load, 2_000)), ...(await load.stop()).ledger);

  const failed = ledger.filter(({ failure }) => failure !== "");
  const gap = gapMs(ledger, killedMs);
  const { rssBytes } = await memoryOf(agent.pid);
  t.comment(
    `${signal}: of ${ledger.length} requests ${failed.length} in flight were lost, ${count(ledger)}`,
  );
  t.comment(
    `longest time without an answer ${gap.toFixed(0)} ms, a bare Node starts in ${nodeMs.toFixed(0)} ms, holder ${rssBytes >> 10} KiB`,
  );
  t.notOk(
    failed.some(({ failure }) => failure.includes("ECONNREFUSED")),
    "none was refused",
  );
  t.ok(failed.length <= LOAD.connections, "at most one request of each connection was lost");
  t.notOk(
    failed.some(({ sentMs }) => sentMs > killedMs + Math.max(NOTICED_MS, nodeMs)),
    "what was sent afterwards was answered",
  );
  const limitMs = Math.max(500, NODE_STARTS * nodeMs);
  t.ok(gap <= limitMs, "served again within half a second, without the configuration file");
  t.ok(rssBytes <= 3 << 20, "the holder takes 3 MB at most");
  agent.signal("SIGTERM");
  t.equal(await agent.ended, 0, "a signal is passed on, and the exit code comes back");
}

async function heldAgent(t: Test): Promise<{ agent: Agent; edge: number }> {
  const [edge = 0, port = 0] = await freePorts(2);
  await startOrigin(t, [port]);
  const mesh = `mesh: held
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${port}"], timeouts: { request: 0s } }
`;
  const agent = await startAgent(t, { mesh, words: ["--hold", "--drain-timeout", "5s"] });
  t.teardown(async () => {
    // A holder that is killed leaves its process running, which is what it is for.
    for (const pid of await children(agent.pid)) process.kill(pid, "SIGKILL");
  });
  await until("the snapshot is stored", () =>
    readFile(join(agent.folder, ".heddle", "mesh.yaml.snapshot")).catch(() => undefined),
  );
  return { agent, edge };
}

/** Waits until so many requests were answered, and returns what became of all. */
async function answered(load: Load, wanted: number): Promise<LedgerEntry[]> {
  const ledger: LedgerEntry[] = [];
  await until(`${wanted} requests are answered`, async () => {
    ledger.push(...(await load.phase()).ledger);
    return ledger.filter(({ failure }) => failure === "").length >= wanted;
  });
  return ledger;
}

async function dataPlane(agent: Agent): Promise<number> {
  const [pid] = await children(agent.pid);
  if (pid === undefined) throw new Error("the holder runs no process");
  return pid;
}

async function children(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}

/** The longest time between two answers, from the last one before `fromMs` on. */
function gapMs(ledger: readonly LedgerEntry[], fromMs: number): number {
  const done = ledger.filter(({ failure }) => failure === "").map(({ doneMs }) => doneMs);
  const times = done.sort((one, other) => one - other);
  const gaps = times.map((time, index) => (time < fromMs ? 0 : time - (times[index - 1] ?? time)));
  return Math.max(...gaps);
}

function count(ledger: readonly LedgerEntry[]): string {
  return JSON.stringify(failuresOf(ledger));
}

/** Under the load of the moment: what the machine does to every process is not the proxy's. */
async function startOfNodeMs(): Promise<number> {
  const fromMs = monotonicMs();
  await promisify(execFile)(process.execPath, ["-e", "0"]);
  return monotonicMs() - fromMs;
}

/** Exit code of a holder of a shell script. */
function held(script: string): Promise<number> {
  const program = join(projectRoot, "native", "heddle-hold");
  return new Promise((resolve) => {
    const holder = execFile(program, ["sh", "-c", script]);
    holder.once("exit", (code) => resolve(code ?? -1));
  });
}

const LOAD = { connections: 64, ratePerSecond: 2_000, requests: [{ path: "/" }] };
/** On a machine that is free Node starts in 50 ms; on one that is not, half a second cannot be promised. */
const NODE_STARTS = 10;
/** Time in which a client may still send on a connection whose end it has not seen; more where it has to wait for a CPU. */
const NOTICED_MS = 50;
