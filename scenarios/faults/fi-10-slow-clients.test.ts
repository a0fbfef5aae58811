// FI-10: slow heads, slow bodies and slow readers beside good requests. A second agent without them shows what the machine
// does to everybody.
import { setTimeout as sleep } from "node:timers/promises";
import { startLedgerOrigin } from "../ledger/ledger-origin.ts";
import { LedgerRun } from "../ledger/ledger-run.ts";
import { usageOf } from "../ledger/proxy-record.ts";
import type { RequestPlan } from "../ledger/tagged-request.ts";
import { freePorts } from "../support/free-ports.ts";
import { memoryOf } from "../support/memory-of.ts";
import { percentile } from "../support/percentile.ts";
import { scale } from "../support/scale.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { until } from "../support/until.ts";
import { nameOf } from "./expect-clean.ts";
import { meshText } from "./mesh-text.ts";
import { slowBytes, startSlowClients } from "./slow-clients.ts";

scenario("FI-10 slow clients are closed by their deadlines and harm no other", async (t) => {
  const [edge = 0, calm = 0] = await freePorts(2);
  const victims = await startLedgerOrigin(t);
  const origin = await startLedgerOrigin(t);
  const service = "timeouts: { request: 6s }";
  const attacked = await startAgent(t, {
    mesh: meshText(edge, [victims.port], { service }),
    shards: 1,
  });
  await startAgent(t, { mesh: meshText(calm, [origin.port]), shards: 1 });
  const run = await LedgerRun.begin([victims, origin]);
  const before = await memoryOf(attacked.pid);

  startSlowClients(t, edge, SLOW_CLIENTS);
  const fromMs = performance.now();
  await until(
    "every slow client has come",
    async () => (await usageOf(attacked)).downstreamConnections >= SLOW_CLIENTS,
  );
  const [client, calmClient] = [run.client(edge), run.client(calm)];
  // A process of Node accepts a connection per turn of its loop: the origin is behind with those of the slow clients.
  await until("the rush of their coming is over", async () => {
    const sentMs = performance.now();
    await Promise.all(Array.from({ length: RUSH_WIDTH }, () => client.send({})));
    return performance.now() - sentMs < RUSH_WIDTH * NOISE_MS;
  });
  let isOver = false;
  const good = [client, calmClient].map((each) => each.paced(plans, RATE, () => isOver));
  let peakBytes = 0;
  await until(
    "the proxy has closed every slow client",
    async () => {
      peakBytes = Math.max(peakBytes, (await memoryOf(attacked.pid)).rssBytes);
      await sleep(SAMPLE_MS);
      return (await usageOf(attacked)).downstreamConnections <= client.openCount;
    },
    DEADLINE_MS,
  );
  const closedMs = performance.now() - fromMs;
  isOver = true;
  const [latencies = [], calmLatencies = []] = await Promise.all(good);
  const record = await run.end();

  const names = record.finished.map(({ outcome }) => nameOf(outcome));
  const [p99, calmP99] = [percentile(latencies, 99), percentile(calmLatencies, 99)];
  const [high, calmHigh] = [percentile(latencies, PERCENT), percentile(calmLatencies, PERCENT)];
  const grownBytes = peakBytes - before.rssBytes;
  t.comment(
    `${SLOW_CLIENTS} slow clients closed within ${(closedMs / 1_000).toFixed(1)} s; RSS +${(grownBytes / 1e6).toFixed(1)} MB`,
  );
  t.comment(
    `${latencies.length} good requests beside them: p99 ${p99.toFixed(1)} ms, beside none ${calmP99.toFixed(1)} ms`,
  );
  t.strictSame(
    names.filter((name) => name !== "200"),
    [],
    "no good request failed",
  );
  t.ok(latencies.length > RATE, "there were good requests all the time");
  t.ok(
    high <= 2 * calmHigh + NOISE_MS,
    `percentile ${PERCENT} is at most twice that of the calm agent`,
  );
  const formulaBytes = slowBytes(SLOW_CLIENTS);
  t.ok(
    grownBytes < formulaBytes + SPARE_BYTES,
    `memory is within what \`heddle limits\` says, ${(formulaBytes / 1e6).toFixed(1)} MB`,
  );
});

/** Between two readings, which cost the machine something too. */
const SAMPLE_MS = 200;
const SLOW_CLIENTS = scale({ short: 300, long: 4_000 });
const RATE = 200;
/** Ten seconds on a busy machine are too few for the 99th to be more than its luck. */
const PERCENT = scale({ short: 90, long: 99 });
const plans: readonly RequestPlan[] = [{}, { bodyBytes: 1_000 }];
/** Requests at once, most of them on new connections to the origin. */
const RUSH_WIDTH = 10;
/** A head may take ten seconds. */
const DEADLINE_MS = 30_000;
/** Two cores carry three processes and both loads. */
const NOISE_MS = 20;
/** What JavaScript, good requests and free buffers may take beside. */
const SPARE_BYTES = 16_000_000;
