// FI-11: peers that fall silent without a FIN, on either side and in the middle of either message. Deadlines find them, and
// nothing of them stays.
import type { Test } from "tap";
import { startFaultProxy, type FaultProxy } from "../fault-proxy/fault-proxy.ts";
import type { ConnectionFaults } from "../fault-proxy/faults.ts";
import { startLedgerOrigin } from "../ledger/ledger-origin.ts";
import { LedgerRun } from "../ledger/ledger-run.ts";
import type { RequestPlan } from "../ledger/tagged-request.ts";
import { freePorts } from "../support/free-ports.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { until } from "../support/until.ts";
import { expectClean, nameOf } from "./expect-clean.ts";
import { meshText } from "./mesh-text.ts";

scenario(
  "FI-11 an upstream that falls silent is found by the deadline of the request",
  async (t) => {
    const { run, toOrigin, edge } = await start(t);
    const client = run.client(edge);
    const outcomesWith = async (faults: ConnectionFaults, plan: RequestPlan): Promise<string[]> => {
      toOrigin.faults = faults;
      const all = await Promise.all(Array.from({ length: PEERS }, () => client.send(plan)));
      return [...new Set(all.map(nameOf))];
    };

    t.strictSame(await outcomesWith({ accept: "never" }, {}), ["504 of the proxy"], "black hole");
    t.strictSame(
      await outcomesWith(
        { up: { stop: { afterBytes: 40, how: "stopWriting" } } },
        { bodyBytes: 50 },
      ),
      ["504 of the proxy"],
      "the request is lost on its way",
    );
    t.strictSame(
      await outcomesWith(
        { up: { stop: { afterBytes: 1_000, how: "stopReading" } } },
        { bodyBytes: 500_000 },
      ),
      ["504 of the proxy"],
      "the request is not read",
    );
    t.strictSame(
      await outcomesWith({ down: { stop: { afterBytes: 30, how: "stopWriting" } } }, {}),
      ["504 of the proxy"],
      "the head of the response is lost",
    );
    t.strictSame(
      await outcomesWith(
        { down: { stop: { afterBytes: 5_000, how: "stopWriting" } } },
        { answer: { bytes: 9_000 } },
      ),
      ["truncated"],
      "the body of the response is lost",
    );
    toOrigin.resetAll();
    await expectClean(t, run);
  },
);

scenario("FI-11 a client that falls silent is found by the deadline of the request", async (t) => {
  const { run, toEdge } = await start(t);
  const client = run.client(toEdge.port);
  const send = (faults: ConnectionFaults, plan: RequestPlan, peers: number): void => {
    toEdge.faults = faults;
    for (let peer = 0; peer < peers; peer += 1) void client.send(plan);
  };

  send({ up: { stop: { afterBytes: 1_000, how: "stopWriting" } } }, { bodyBytes: 9_000 }, PEERS);
  await until("the connections are open", () => toEdge.open === PEERS);
  // More than all sockets on the way hold, so that the proxy cannot be done with it.
  const large = { answer: { bytes: 12_000_000 } };
  send({ down: { stop: { afterBytes: 10_000, how: "stopReading" } } }, large, LARGE_PEERS);
  await until("the others are open", () => toEdge.count === PEERS + LARGE_PEERS);
  await until(
    "the proxy has let go of all",
    async () => (await run.usage()).downstreamConnections === 0,
  );
  toEdge.resetAll();
  await expectClean(t, run);
});

async function start(
  t: Test,
): Promise<{ run: LedgerRun; toOrigin: FaultProxy; toEdge: FaultProxy; edge: number }> {
  const [edge = 0] = await freePorts(1);
  const origin = await startLedgerOrigin(t);
  const toOrigin = await startFaultProxy(t, origin.port);
  const toEdge = await startFaultProxy(t, edge);
  const agent = await startAgent(t, {
    mesh: meshText(edge, [toOrigin.port], { service: "timeouts: { request: 500ms }" }),
  });
  return { run: await LedgerRun.begin([origin], agent), toOrigin, toEdge, edge };
}

const PEERS = 20;
const LARGE_PEERS = 2;
