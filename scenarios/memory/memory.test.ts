// Memory does not grow with the number of requests served. The full measurement, with comparisons, is in bench.
import { freePorts } from "../support/free-ports.ts";
import { memoryOf, type Memory } from "../support/memory-of.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { failuresOf } from "../support/failures-of.ts";
import { startLoad, type LedgerEntry } from "../support/start-load.ts";
import { startOrigin } from "../support/start-origin.ts";
import { until } from "../support/until.ts";

scenario("the second 100,000 requests need no more memory than the first", async (t) => {
  const [edge = 0, port = 0] = await freePorts(2);
  await startOrigin(t, [port]);
  const agent = await startAgent(t, { mesh: meshText(edge, port), shards: 2 });
  const start = await memoryOf(agent.pid);

  const first = await serve(edge, "first");
  const second = await serve(edge, "second");

  t.comment(`at the start        ${describe(start)}`);
  t.comment(`after ${first.count} requests ${describe(first.memory)}`);
  t.comment(`after ${first.count + second.count} requests ${describe(second.memory)}`);
  const growthBytes = second.memory.rssBytes - first.memory.rssBytes;
  t.comment(`growth of RSS between ${(growthBytes / 1e6).toFixed(2)} MB`);
  t.strictSame([first.failures, second.failures], [{}, {}], "no request failed");
  t.ok(growthBytes < GROWTH_BYTES_MAX, "RSS stays");
  t.ok(first.count >= REQUESTS && second.count >= REQUESTS);

  async function serve(port: number, tag: string): Promise<Served> {
    const requests = [{ path: "/" }, { path: "/orders", bodyBytes: 100 }];
    const load = await startLoad(t, { port, connections: 64, ratePerSecond: 0, tag, requests });
    const ledger: LedgerEntry[] = [];
    await until(
      "enough requests were answered",
      async () => {
        ledger.push(...(await load.phase()).ledger);
        return ledger.length >= REQUESTS;
      },
      60_000,
    );
    ledger.push(...(await load.stop()).ledger);
    await until(
      "the client's connections are closed",
      async () => (await openConnections(agent)) === 0,
    );
    return {
      count: ledger.length,
      failures: failuresOf(ledger),
      memory: await memoryOf(agent.pid),
    };
  }
});

interface Served {
  count: number;
  failures: Record<string, number>;
  memory: Memory;
}

function meshText(edge: number, port: number): string {
  return `mesh: small
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${port}"] }
`;
}

async function openConnections(agent: Agent): Promise<number> {
  const { shards } = await agent.stats();
  return shards.reduce((sum, { downstreamConnections }) => sum + downstreamConnections, 0);
}

function describe({ rssBytes, privateDirtyBytes }: Memory): string {
  return `RSS ${(rssBytes / 1e6).toFixed(1)} MB, private dirty ${(privateDirtyBytes / 1e6).toFixed(1)} MB`;
}

const REQUESTS = 100_000;
const GROWTH_BYTES_MAX = 2_000_000;
