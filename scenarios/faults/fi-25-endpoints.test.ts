// FI-25: a slow endpoint among others, and endpoints that are all gone and come back.
import { startLedgerOrigin } from "../ledger/ledger-origin.ts";
import { LedgerRun } from "../ledger/ledger-run.ts";
import { freePorts } from "../support/free-ports.ts";
import { scale } from "../support/scale.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { until } from "../support/until.ts";
import { expectClean, nameOf } from "./expect-clean.ts";
import { meshText } from "./mesh-text.ts";

scenario("FI-25 one slow endpoint of three takes little of the load", async (t) => {
  const [edge = 0] = await freePorts(1);
  const fast = [await startLedgerOrigin(t), await startLedgerOrigin(t)];
  const slow = await startLedgerOrigin(t, { delayMs: 200 });
  const ports = [...fast, slow].map(({ port }) => port);
  const agent = await startAgent(t, { mesh: meshText(edge, ports) });
  const run = await LedgerRun.begin([...fast, slow], agent);
  let count = 0;
  await run.client(edge).load([{}], 16, () => (count += 1) > REQUESTS);
  const { finished } = await expectClean(t, run);
  const share = slow.arrivals.length / finished.length;
  t.comment(`the slow one of three answered ${(share * 100).toFixed(1)} %`);
  t.ok(share < 0.1, "a fair share would be a third");
});

scenario("FI-25 all endpoints gone: an error at once, no repetition, and recovery", async (t) => {
  const [edge = 0, port = 0] = await freePorts(2);
  const agent = await startAgent(t, { mesh: meshText(edge, [port]) });
  const before = await LedgerRun.begin([], agent);
  const client = before.client(edge);
  let count = 0;
  await client.load([{}, { bodyBytes: 100 }], 16, () => (count += 1) > REQUESTS);
  t.strictSame(
    [...new Set(client.finished.map(({ outcome }) => nameOf(outcome)))],
    ["503 of the proxy"],
  );
  await expectClean(t, before);

  const origin = await startLedgerOrigin(t, { port });
  const after = await LedgerRun.begin([origin]);
  const fromMs = performance.now();
  await until("the first request succeeds", async () => {
    return nameOf(await after.client(edge).send({})) === "200";
  });
  const tookMs = performance.now() - fromMs;
  t.comment(
    `${REQUESTS} errors, then recovered ${tookMs.toFixed(0)} ms after the endpoint was back`,
  );
  t.ok(tookMs < 5_000);
  await expectClean(t, after);
});

const REQUESTS = scale({ short: 1_000, long: 20_000 });
