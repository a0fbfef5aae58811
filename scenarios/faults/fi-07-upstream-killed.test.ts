// FI-07: the upstream dies before the connection, after the request, in the head, in the body, or behind the last byte.
import type { Test } from "tap";
import { startLedgerOrigin } from "../ledger/ledger-origin.ts";
import { LedgerRun } from "../ledger/ledger-run.ts";
import type { LedgerClient } from "../ledger/ledger-client.ts";
import type { RequestPlan } from "../ledger/tagged-request.ts";
import { startFaultProxy, type FaultProxy } from "../fault-proxy/fault-proxy.ts";
import type { Stop, StopKind } from "../fault-proxy/faults.ts";
import { freePorts } from "../support/free-ports.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { cannedLengths, type CannedLengths } from "./canned-lengths.ts";
import { expectClean, nameOf } from "./expect-clean.ts";
import { meshText } from "./mesh-text.ts";

scenario("FI-07 upstream killed: truncation is visible, a POST is executed once", async (t) => {
  const { client, run, proxy } = await start(t);

  for (const plan of plans) {
    const lengths = await cannedLengths(t, plan);
    for (const { reused, how, point } of strikes) {
      const { method = "GET", answer } = plan;
      const name = `${method} ${answer?.framing} ${reused ? "reused" : "fresh"} ${how} ${point.name}`;
      const outcome = await strike({ client, proxy }, { plan, lengths, reused, how, point });
      t.ok(point.outcomes(method, reused).includes(outcome), `${name}: ${outcome}`);
    }
  }
  await expectClean(t, run);
});

scenario("FI-07 upstream killed before the connection: nothing is executed", async (t) => {
  const [edge = 0, unused = 0] = await freePorts(2);
  const origin = await startLedgerOrigin(t);
  const agent = await startAgent(t, { mesh: meshText(edge, [unused]) });
  const run = await LedgerRun.begin([origin], agent);
  const client = run.client(edge);
  const outcomes = [await client.send({}), await client.send({ bodyBytes: 3_000 })];
  t.strictSame(outcomes.map(nameOf), ["503 of the proxy", "503 of the proxy"]);
  t.equal(origin.arrivals.length, 0);
  await expectClean(t, run);
});

interface Parts {
  client: LedgerClient;
  proxy: FaultProxy;
}

interface Strike {
  plan: RequestPlan;
  lengths: CannedLengths;
  /** Whether the connection has carried an exchange before. */
  reused: boolean;
  how: StopKind;
  point: Point;
}

interface Point {
  name: string;
  /** Bytes of the response that pass. */
  bytes(lengths: CannedLengths): number;
  outcomes(method: string, reused: boolean): readonly string[];
}

/** What came together with the break may be taken back with the connection. */
const cut = ["truncated", "failed"];
const points: readonly Point[] = [
  {
    name: "after the request",
    bytes: () => 0,
    // On a connection that was idle before, an idempotent request is sent once more, and nothing else is.
    outcomes: (method, reused) => [method === "GET" && reused ? "200" : "502 of the proxy"],
  },
  { name: "in the head", bytes: () => 30, outcomes: () => ["502 of the proxy"] },
  { name: "in the body", bytes: ({ head }) => head + 100, outcomes: () => cut },
  {
    name: "one byte before the end",
    bytes: ({ whole }) => whole - 1,
    outcomes: () => cut,
  },
  { name: "behind the last byte", bytes: ({ whole }) => whole, outcomes: () => ["200"] },
];

async function start(t: Test): Promise<Parts & { run: LedgerRun }> {
  const [edge = 0] = await freePorts(1);
  const origin = await startLedgerOrigin(t);
  const proxy = await startFaultProxy(t, origin.port);
  const agent = await startAgent(t, { mesh: meshText(edge, [proxy.port]), shards: 1 });
  const run = await LedgerRun.begin([origin], agent);
  return { client: run.client(edge), run, proxy };
}

/** One request whose upstream connection is struck, then one that must find a connection without a past. */
async function strike({ client, proxy }: Parts, strike: Strike): Promise<string> {
  const { plan, lengths, reused, how, point } = strike;
  // Every connection that is idle in the proxy goes, so that the next one has the faults of now.
  proxy.resetAll();
  const before = reused ? lengths.whole : 0;
  const atNextByte = point.bytes(lengths) === 0;
  const stop: Stop = { afterBytes: before + point.bytes(lengths), how, atNextByte };
  proxy.faults = { down: { stop } };
  if (reused) await client.send(plan);
  const count = proxy.count;
  const outcome = nameOf(await client.send(plan));
  proxy.faults = {};
  const next = nameOf(await client.send(plan));
  if (next !== "200" || proxy.count === count)
    return `${outcome}, and then ${next} over ${proxy.count - count} new connections`;
  return outcome;
}

const plans: readonly RequestPlan[] = (["length", "chunked"] as const).flatMap((framing) => [
  { method: "GET", answer: { bytes: 400, framing } },
  { method: "POST", bodyBytes: 3_000, answer: { bytes: 400, framing } },
]);
const strikes = [false, true].flatMap((reused) =>
  (["reset", "finish"] as const).flatMap((how) => points.map((point) => ({ reused, how, point }))),
);
