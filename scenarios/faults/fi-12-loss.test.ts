// FI-12: a lossy, slow and jittery network on both sides. Nothing is corrupted or mixed up, and deadlines are kept.
// Packets are really lost where this process may have a network of its own with a packet filter.
import type { Test } from "tap";
import { startFaultProxy } from "../fault-proxy/fault-proxy.ts";
import type { LaneFaults } from "../fault-proxy/faults.ts";
import { startLedgerOrigin } from "../ledger/ledger-origin.ts";
import { LedgerRun } from "../ledger/ledger-run.ts";
import type { RequestPlan } from "../ledger/tagged-request.ts";
import { runCommand } from "../../bench/process/command.ts";
import { freePorts } from "../support/free-ports.ts";
import { scale } from "../support/scale.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { enterOwnNetwork } from "./own-network.ts";
import { expectClean, nameOf } from "./expect-clean.ts";
import { meshText } from "./mesh-text.ts";

const hasOwnNetwork = enterOwnNetwork(import.meta.filename);

scenario(
  "FI-12 delay, jitter, slices and 1 Mbit/s: nothing is corrupted, deadlines hold",
  async (t) => {
    const [edge = 0] = await freePorts(1);
    const origin = await startLedgerOrigin(t);
    const bad: LaneFaults = { delayMs: 20, jitterMs: 30, sliceBytes: 500, bytesPerSecond: 125_000 };
    const toOrigin = await startFaultProxy(t, origin.port, { up: bad, down: bad });
    const toEdge = await startFaultProxy(t, edge, { up: bad, down: bad });
    const agent = await startAgent(t, {
      mesh: meshText(edge, [toOrigin.port], { service: `timeouts: { request: ${DEADLINE_MS}ms }` }),
    });
    const run = await LedgerRun.begin([origin], agent);
    const client = run.client(toEdge.port);

    const pipelined = await Promise.all([plans, plans, plans].map((each) => client.pipeline(each)));
    t.strictSame([...new Set(pipelined.flat().map(nameOf))], ["200"]);
    // The edge itself is asked, so that only the deadline is measured.
    const near = run.client(edge);
    const fromMs = performance.now();
    const late = await near.send({ answer: { delayMs: 4 * DEADLINE_MS } });
    const tookMs = performance.now() - fromMs;
    t.comment(`a deadline of ${DEADLINE_MS} ms ended a request after ${tookMs.toFixed(0)} ms`);
    t.equal(nameOf(late), "504 of the proxy");
    t.ok(tookMs >= 0.9 * DEADLINE_MS, "not before its deadline");
    await expectClean(t, run);
  },
);

for (const percent of scale({ short: [5], long: [1, 5, 20] })) {
  scenario(`FI-12 ${percent} % of all packets lost: nothing is corrupted`, async (t) => {
    if (!hasOwnNetwork) return t.comment("left out: no network of its own, or no iptables");
    await losePackets(t, percent);
    const [edge = 0] = await freePorts(1);
    const origin = await startLedgerOrigin(t);
    const agent = await startAgent(t, {
      mesh: meshText(edge, [origin.port], { service: "timeouts: { request: 0s, connect: 20s }" }),
    });
    const run = await LedgerRun.begin([origin], agent);
    const client = run.client(edge);
    let count = 0;
    await client.load(plans, 20, () => (count += 1) > REQUESTS);
    const { finished } = await expectClean(t, run);
    t.strictSame([...new Set(finished.map(({ outcome }) => nameOf(outcome)))], ["200"]);
  });
}

/** Of all that arrives over loopback in this network, until the scenario is over. */
async function losePackets(t: Test, percent: number): Promise<void> {
  const rule = ["INPUT", "-i", "lo", "-p", "tcp", "-m", "statistic", "--mode", "random"];
  const words = [...rule, "--probability", String(percent / 100), "-j", "DROP"];
  await runCommand({ file: "iptables", args: ["-A", ...words] });
  t.teardown(() => runCommand({ file: "iptables", args: ["-D", ...words] }));
}

const DEADLINE_MS = 3_000;
const REQUESTS = scale({ short: 200, long: 3_000 });
const plans: readonly RequestPlan[] = [
  {},
  { bodyBytes: 5_000 },
  { bodyBytes: 9_000, chunked: true, answer: { bytes: 20_000 } },
  { answer: { bytes: 30_000, framing: "chunked" } },
];
