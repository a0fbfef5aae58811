// An agent is replaced twenty times under load without a failed request, and ends at once on a second signal.
import { connect } from "node:net";
import { failuresOf } from "../support/failures-of.ts";
import { freePorts } from "../support/free-ports.ts";
import { KeepAliveConnection } from "../support/keep-alive-connection.ts";
import { monotonicMs } from "../support/monotonic-ms.ts";
import { percentile } from "../support/percentile.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { startLoad } from "../support/start-load.ts";
import { startOrigin } from "../support/start-origin.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";
import { until } from "../support/until.ts";
import { scenario } from "../support/scenario.ts";

scenario("20 restarts under load fail no request, and each old process drains", async (t) => {
  const [edge = 0, port = 0] = await freePorts(2);
  const origin = await startOrigin(t, [port]);
  const mesh = meshText(edge, port);
  let agent = await startAgent(t, { mesh, words });
  const { folder } = agent;
  const requests = [{ path: "/" }, { path: "/orders", bodyBytes: 700 }];
  const load = await startLoad(t, {
    port: edge,
    connections: 32,
    ratePerSecond: 1_000,
    tag: "restart",
    requests,
  });
  const exits: unknown[] = [];
  const drainsMs: number[] = [];

  for (let round = 0; round < RESTARTS; round += 1) {
    const next = await startAgent(t, { mesh, words, folder });
    const fromMs = monotonicMs();
    agent.signal("SIGTERM");
    exits.push(await agent.ended);
    drainsMs.push(monotonicMs() - fromMs);
    agent = next;
    await until("the new process has all connections", async () =>
      connectionCount(agent).then((count) => count === 32),
    );
  }
  const { ledger, opened, fromMs, toMs } = await load.stop();

  const { arrivals } = await origin.ledger();
  const failed = Object.values(failuresOf(ledger)).reduce((sum, count) => sum + count, 0);
  const seconds = (toMs - fromMs) / 1_000;
  t.comment(
    `${RESTARTS} restarts, ${ledger.length} requests in ${seconds.toFixed(1)} s, failed ${failed}, connections opened ${opened}`,
  );
  t.comment(
    `drain p50 ${percentile(drainsMs, 50).toFixed(0)} ms, longest ${percentile(drainsMs, 100).toFixed(0)} ms`,
  );
  t.strictSame(failuresOf(ledger), {}, "no request failed");
  t.strictSame(
    exits,
    Array.from({ length: RESTARTS }, () => 0),
    "each old process ended with 0",
  );
  t.ok(Math.max(...drainsMs) < DRAIN_MS, "each drain ended before its deadline");
  t.ok(opened >= 32 * (RESTARTS + 1), "each connection was renewed in each restart");
  t.ok(opened < 33 * (RESTARTS + 1), "and hardly ever more than once");
  t.strictSame(
    [...arrivals.values()].filter((count) => count !== 1),
    [],
    "no request was executed twice",
  );
  t.equal(arrivals.size, ledger.length, "the origin saw exactly the requests that were answered");
});

scenario("a drain waits for the request that runs, and tells its client to close", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origin = await startRawOrigin(t);
  const agent = await startAgent(t, { mesh: meshText(edge, origin.port), words });
  const running = new KeepAliveConnection(edge).send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
  const { upstream } = await origin.request();

  agent.signal("SIGTERM");
  await until("it drains", () => agent.stderr.includes("draining"));
  await until("nothing new is accepted", () => isRefused(edge));
  upstream.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone");
  const outcome = await running;

  t.match(outcome, { kind: "answered", status: 200, body: "done" });
  t.equal(outcome.kind === "answered" && outcome.headers.get("connection"), "close");
  t.equal(await agent.ended, 0);
});

scenario("a drain ends at its deadline although a request still runs", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origin = await startRawOrigin(t);
  const agent = await startAgent(t, {
    mesh: meshText(edge, origin.port),
    words: ["--drain-timeout", "500ms"],
  });
  const running = new KeepAliveConnection(edge).send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n");
  await origin.request();

  const fromMs = monotonicMs();
  agent.signal("SIGTERM");
  const code = await agent.ended;

  t.comment(`ended ${(monotonicMs() - fromMs).toFixed(0)} ms after the signal, deadline 500 ms`);
  t.equal(code, 0);
  t.ok(monotonicMs() - fromMs >= 500, "not before the deadline");
  t.match(await running, { kind: "failed" });
});

scenario("a second SIGTERM ends the process at once", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origin = await startRawOrigin(t);
  const agent = await startAgent(t, { mesh: meshText(edge, origin.port), words });
  void new KeepAliveConnection(edge).send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n");
  await origin.request();
  agent.signal("SIGTERM");
  await until("it drains", () => agent.stderr.includes("draining"));

  const fromMs = monotonicMs();
  agent.signal("SIGTERM");
  const how = await agent.ended;

  t.comment(`ended ${(monotonicMs() - fromMs).toFixed(0)} ms after the second signal`);
  t.equal(how, 143);
  t.ok(monotonicMs() - fromMs < DRAIN_MS / 2, "long before the deadline of the drain");
});

scenario("outbound ports pass to the successor, and never to a stranger", async (t) => {
  const [origin = 0] = await freePorts(1);
  const mesh = `mesh: calling\nservices:\n  web: { endpoints: ["127.0.0.1:${origin}"], upstreams: [api] }\n  api: { endpoints: ["127.0.0.1:${origin}"] }\n`;
  const first = await startAgent(t, { mesh, words });
  const stranger = await startAgent(t, { mesh, words });

  const successor = await startAgent(t, { mesh, words, folder: first.folder });

  const addresses = await Promise.all(
    [first, stranger, successor].map(async (agent) => (await agent.status()).listeners[0]?.address),
  );
  t.comment(`first ${addresses[0]}, stranger ${addresses[1]}, successor ${addresses[2]}`);
  t.equal(addresses[2], addresses[0]);
  t.not(addresses[1], addresses[0]);
});

function meshText(edge: number, origin: number): string {
  return `mesh: restarted
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${origin}"], timeouts: { request: 0s } }
`;
}

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}

/** Of the load: the sum over both shards. */
async function connectionCount(agent: Agent): Promise<number> {
  const { shards } = await agent.stats();
  return shards.reduce((sum, { downstreamConnections }) => sum + downstreamConnections, 0);
}

const RESTARTS = 20;
const DRAIN_MS = 10_000;
const words = ["--reuse-port", "--drain-timeout", "10s"];
