// FI-19 too few descriptors: refused at once, counted, and over within a second.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { freePorts } from "../support/free-ports.ts";
import { KeepAliveConnection } from "../support/keep-alive-connection.ts";
import { metricSum } from "../support/metric-sum.ts";
import { monotonicMs } from "../support/monotonic-ms.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startOrigin } from "../support/start-origin.ts";
import { until } from "../support/until.ts";

scenario("FI-19 connections beyond the limit are refused, all others are served", async (t) => {
  const [edge = 0, port = 0] = await freePorts(2);
  await startOrigin(t, [port]);
  const agent = await startAgent(t, { mesh: meshText(edge, port), descriptors: DESCRIPTORS });
  const first = new KeepAliveConnection(edge);
  t.match(await first.send(GET), { kind: "answered", status: 200 });

  const flood = Array.from({ length: 400 }, () => openWithRequest(edge));
  await until("connections are refused", () => flood.some(({ ended }) => ended));
  await until("each has its answer or its end", () =>
    flood.every(({ ended, answered }) => ended || answered),
  );

  t.match(await first.send(GET), { kind: "answered", status: 200 }, "the first is served on");
  t.equal((await agent.status()).state, "ready", "the control API answers");
  const refused = flood.filter(({ answered }) => !answered).length;
  const metrics = await agent.metrics();
  const counted = metricSum(metrics, "heddle_connection_errors_total", { error: "overloaded" });
  t.comment(
    `400 connections with ${DESCRIPTORS} descriptors: ${refused} refused, ${counted} counted`,
  );
  t.ok(refused > 200 && refused < 300, "as many are served as may be");
  t.ok(counted >= refused, "each is counted");

  const freedMs = monotonicMs();
  for (const { socket } of flood) socket.destroy();
  await until("a new connection is served", async () => {
    const connection = new KeepAliveConnection(edge);
    const outcome = await connection.send(GET);
    connection.close();
    return outcome.kind === "answered" && outcome.status === 200;
  });
  const tookMs = monotonicMs() - freedMs;
  t.comment(`served again ${tookMs.toFixed(0)} ms after descriptors were free`);
  t.ok(tookMs <= 1_000);
  first.close();
});

scenario(
  "FI-19 a request for which no connection can be opened is answered with 503",
  async (t) => {
    const [edge = 0, port = 0] = await freePorts(2);
    const silent = createServer((socket) => void socket.on("error", () => undefined));
    await once(silent.listen(port, "127.0.0.1"), "listening");
    silent.unref();
    const agent = await startAgent(t, { mesh: meshText(edge, port), descriptors: DESCRIPTORS });

    const clients = Array.from({ length: 150 }, () => open(edge));
    await until("all are connected", async () => {
      const { shards } = await agent.stats();
      return shards.reduce((sum, shard) => sum + shard.downstreamConnections, 0) === 150;
    });
    for (const { socket } of clients) socket.write(GET);
    const refused = await until("one is answered", () => clients.find(({ answered }) => answered));

    t.match(refused.text, /^HTTP\/1\.1 503 /);
    const counted = metricSum(await agent.metrics(), "heddle_request_errors_total", {
      error: "overloaded",
      status: "503",
    });
    t.ok(counted > 0, "with its reason");
    for (const { socket } of clients) socket.destroy();
  },
);

interface Client {
  socket: Socket;
  text: string;
  answered: boolean;
  ended: boolean;
}

function openWithRequest(port: number): Client {
  const client = open(port);
  client.socket.write(GET);
  return client;
}

function open(port: number): Client {
  const socket = connect({ port, host: "127.0.0.1" });
  const client: Client = { socket, text: "", answered: false, ended: false };
  socket.setEncoding("latin1").on("data", (text: string) => {
    client.text += text;
    client.answered = true;
  });
  socket.on("error", () => (client.ended = true));
  socket.on("close", () => (client.ended = true));
  return client;
}

function meshText(edge: number, port: number): string {
  return `mesh: short
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web, errors: full }
services:
  web: { endpoints: ["127.0.0.1:${port}"] }
`;
}

const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const DESCRIPTORS = 256;
