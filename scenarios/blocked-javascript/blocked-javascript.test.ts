// What happens to traffic while the JavaScript of the agent cannot run, or has eaten its memory: nothing.
import type { Test } from "tap";
import { setTimeout as sleep } from "node:timers/promises";
import { failuresOf } from "../support/failures-of.ts";
import { freePorts } from "../support/free-ports.ts";
import { memoryOf } from "../support/memory-of.ts";
import { monotonicMs } from "../support/monotonic-ms.ts";
import { percentile } from "../support/percentile.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { startLoad, type Load, type LoadReport } from "../support/start-load.ts";
import { startOrigin } from "../support/start-origin.ts";
import { until } from "../support/until.ts";
import { scenario } from "../support/scenario.ts";
import { attachInspector } from "./inspector.ts";

scenario(
  "ten seconds without JavaScript in the main thread change nothing for the traffic",
  async (t) => {
    const { agent, load } = await startUnderLoad(t, ["--inspect=127.0.0.1:0"]);
    // The same beside it, unblocked: what else happens on the machine happens to both.
    const control = await startUnderLoad(t, []);
    const inspector = await attachInspector(agent);
    await pass(load, WARM_UP_MS);
    const before = await pass(load, BEFORE_MS);

    const fromMs = monotonicMs();
    const blocked = inspector.evaluate(blockFor(BLOCK_MS)).then(() => monotonicMs() - fromMs);
    const live = await answersLive(agent);
    const restMs = BLOCK_MS - (monotonicMs() - fromMs);
    const [during, beside] = await Promise.all([pass(load, restMs), pass(control.load, restMs)]);
    const blockedMs = await blocked;
    const spinning = inspector.evaluate(spinFor(SPIN_MS));
    const spun = await pass(load, SPIN_MS);
    await spinning;
    await Promise.all([load.stop(), control.load.stop()]);
    inspector.close();

    const ratio = rate(during) / rate(before);
    const p99MsMax = Math.max(2 * p99(before), 2 * p99(beside), P99_FLOOR_MS);
    t.comment(`before   ${describe(before)}`);
    t.comment(
      `blocked  ${describe(during)}, for ${(blockedMs / 1_000).toFixed(1)} s; throughput ratio ${ratio.toFixed(3)}`,
    );
    t.comment(`beside   ${describe(beside)}, an agent that is not blocked, at the same time`);
    t.comment(
      `spinning ${describe(spun)}, with a core taken away by the main thread for ${SPIN_MS / 1_000} s`,
    );
    t.ok(blockedMs >= BLOCK_MS, "the main thread was blocked all the time");
    t.equal(live, false, "and did not answer /live");
    t.strictSame(failuresOf(during.ledger), {}, "no request failed");
    t.ok(ratio >= 0.9, `throughput stays (${ratio.toFixed(3)})`);
    t.ok(p99(during) <= p99MsMax, `p99 stays (${p99(during).toFixed(2)} ms)`);
    t.strictSame(failuresOf(spun.ledger), {}, "no request failed while it ran in a circle");
    t.equal(await answersLive(agent), true, "afterwards it answers again");
  },
);

scenario(
  "files that eat the memory of the compiling thread are refused, and traffic goes on",
  async (t) => {
    const { agent, load, mesh } = await startUnderLoad(t, []);
    await pass(load, WARM_UP_MS);
    const before = await pass(load, 2_000);
    const memory = await memoryOf(agent.pid);

    await agent.write(hugeMesh(mesh));
    const fromMs = monotonicMs();
    const said = await until(
      "the file is refused",
      () => /error\[HED2951\].*/.exec(agent.stderr)?.[0],
      60_000,
    );
    const refusedMs = monotonicMs() - fromMs;
    const during = await load.phase();
    const peak = await memoryOf(agent.pid);
    await agent.write(mesh.replace("mesh: blocked", "mesh: recovered"));
    await until(
      "the next good file is in force",
      async () => (await agent.stats()).configurationVersion === 2,
    );
    const after = await load.stop();

    t.comment(`before ${describe(before)}`);
    t.comment(
      `while memory ran out ${describe(during)}, refused after ${(refusedMs / 1_000).toFixed(1)} s`,
    );
    t.comment(
      `RSS ${megabytes(memory.rssBytes)} MB before, ${megabytes(peak.rssBytes)} MB after the refusal`,
    );
    t.comment(said);
    t.match(said, /took more than \d+ MB of memory/);
    t.strictSame(failuresOf([...during.ledger, ...after.ledger]), {}, "no request failed");
    t.ok(rate(during) / rate(before) >= 0.9, "throughput stays");
    t.equal((await agent.status()).mesh, "recovered");
  },
);

async function startUnderLoad(
  t: Test,
  nodeOptions: readonly string[],
): Promise<{ agent: Agent; load: Load; mesh: string }> {
  const [edge = 0, port = 0] = await freePorts(2);
  const mesh = `mesh: blocked
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${port}"] }
`;
  await startOrigin(t, [port]);
  const agent = await startAgent(t, { mesh, nodeOptions });
  const requests = [{ path: "/" }, { path: "/orders", bodyBytes: 700 }];
  const load = await startLoad(t, {
    port: edge,
    connections: 32,
    ratePerSecond: 1_000,
    tag: "blocked",
    requests,
  });
  return { agent, load, mesh };
}

/** A phase of the load of about `ms`. */
async function pass(load: Load, ms: number): Promise<LoadReport> {
  await load.phase();
  await sleep(ms);
  return load.phase();
}

/** The thread sleeps in one call: its event loop does not turn. */
function blockFor(ms: number): string {
  return `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms})`;
}

function spinFor(ms: number): string {
  return `{ const end = performance.now() + ${ms}; while (performance.now() < end); }`;
}

async function answersLive({ healthPort }: Agent): Promise<boolean> {
  const signal = AbortSignal.timeout(1_000);
  return fetch(`http://127.0.0.1:${healthPort}/live`, { signal }).then(
    (response) => response.ok,
    () => false,
  );
}

/** So many nodes that their values do not fit into the heap of the thread that reads them. */
function hugeMesh(mesh: string): string {
  return `${mesh}  huge: { endpoints: [${"[],".repeat(HUGE_COUNT)}] }\n`;
}

function rate({ ledger, fromMs, toMs }: LoadReport): number {
  return (ledger.length * 1_000) / (toMs - fromMs);
}

function p99({ ledger }: LoadReport): number {
  return percentile(
    ledger.map(({ sentMs, doneMs }) => doneMs - sentMs),
    99,
  );
}

function describe(report: LoadReport): string {
  const roundTripsMs = report.ledger.map(({ sentMs, doneMs }) => doneMs - sentMs);
  const p50 = percentile(roundTripsMs, 50).toFixed(2);
  const failed = Object.values(failuresOf(report.ledger)).reduce((sum, count) => sum + count, 0);
  return `${rate(report).toFixed(0)} requests/s, failed ${failed}, p50 ${p50} ms, p99 ${p99(report).toFixed(2)} ms`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

const WARM_UP_MS = 1_000;
const BEFORE_MS = 5_000;
const BLOCK_MS = 10_000;
const SPIN_MS = 2_000;
/** Below this a percentile is that of the machine's scheduler. */
const P99_FLOOR_MS = 10;
const HUGE_COUNT = 1_000_000;
