// Opaque TCP through a real agent: bytes, each FIN by itself, resets, and what is counted.
import { createHash } from "node:crypto";
import { freePorts } from "../support/free-ports.ts";
import { metricSum } from "../support/metric-sum.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";
import { until } from "../support/until.ts";

scenario("a relayed connection carries bytes, both ends and breaks as they are", async (t) => {
  const [edge = 0, refused = 0, unused = 0, brief = 0] = await freePorts(4);
  const origin = await startRawOrigin(t);
  const agent = await startAgent(t, {
    mesh: meshText({ edge, refused, unused, brief, origin: origin.port }),
  });

  await t.test("the server may speak first", async (row) => {
    const client = RawPeer.connect(t, edge);
    const server = (await origin.next()).send("220 ready\r\n");
    row.equal(await client.received("ready\r\n"), "220 ready\r\n");
    client.finish();
    server.finish();
  });
  await t.test("a client that is done sending still gets its answer", async (row) => {
    const client = RawPeer.connect(t, edge).send("all of it");
    const server = await origin.next();
    client.finish();
    row.equal(await server.ended(), "fin");
    row.equal(server.text, "all of it");
    server.send("the answer");
    row.equal(await client.received("the answer"), "the answer");
    server.finish();
    row.equal(await client.ended(), "fin");
  });
  await t.test("a server that is done sending still reads", async (row) => {
    const client = RawPeer.connect(t, edge);
    const server = (await origin.next()).send("hello, and nothing more");
    server.finish();
    row.equal(await client.ended(), "fin");
    row.equal(client.send("much ").send("more").text, "hello, and nothing more");
    client.finish();
    row.equal(await server.ended(), "fin");
    row.equal(server.text, "much more");
  });
  await t.test("a reset is a reset on the other side", async (row) => {
    const client = RawPeer.connect(t, edge).send("x");
    const server = await origin.next();
    await server.received("x");
    server.reset();
    row.equal(await client.ended(), "reset");
  });
  await t.test("8 MB each way at once arrive as they were sent", async (row) => {
    const up = pattern("u", BODY_BYTES);
    const down = pattern("d", BODY_BYTES);
    const client = RawPeer.connect(t, edge).send(up);
    const server = (await origin.next()).send(down);
    client.finish();
    server.finish();
    await Promise.all([client.ended(), server.ended()]);
    row.equal(digest(server.text), digest(up));
    row.equal(digest(client.text), digest(down));
  });
  await t.test("an endpoint that refuses closes the client", async (row) => {
    row.match(await RawPeer.connect(t, refused).ended(), /fin|reset/);
  });

  await t.test("a connection that carries nothing is given up on both sides", async (row) => {
    const client = RawPeer.connect(t, brief).send("x");
    const server = await origin.next();
    await server.received("x");
    row.equal(await client.ended(), "reset");
    row.equal(await server.ended(), "reset");
  });
  await t.test("a reader that rests stops the sender and gets every byte", async (row) => {
    const client = RawPeer.connect(t, edge);
    const server = await origin.next();
    client.rest();
    const down = pattern("r", RESTED_BYTES);
    server.send(down).finish();
    await until("the sender was stopped", () => server.unsentBytes > 0 && server.unsentBytes);
    client.resume();
    row.equal(await client.ended(), "fin");
    row.equal(digest(client.text), digest(down));
    client.finish();
  });

  const metrics = await until("all relayed connections are over", async () => {
    const text = await agent.metrics();
    const closed = metricSum(text, "istio_tcp_connections_closed_total", {});
    return (
      closed === metricSum(text, "istio_tcp_connections_opened_total", {}) && closed > 0 && text
    );
  });
  const sum = (name: string): number =>
    metricSum(metrics, name, { destination_service: "db", request_protocol: "tcp" });
  t.comment(
    `opened ${sum("istio_tcp_connections_opened_total")}, received ${sum("istio_tcp_received_bytes_total")} bytes, sent ${sum("istio_tcp_sent_bytes_total")} bytes`,
  );
  const failed = (error: string): number =>
    metricSum(metrics, "heddle_connection_errors_total", { error });
  t.equal(failed("connection_refused"), 1);
  t.equal(failed("stream_idle"), 1);
  t.equal(sum("istio_tcp_connections_opened_total"), 6);
  t.equal(
    sum("istio_tcp_received_bytes_total"),
    BODY_BYTES + "all of it".length + "much more".length + 1,
  );
  t.equal(
    sum("istio_tcp_sent_bytes_total"),
    BODY_BYTES +
      RESTED_BYTES +
      "220 ready\r\n".length +
      "the answer".length +
      "hello, and nothing more".length,
  );
});

function meshText(ports: {
  edge: number;
  refused: number;
  unused: number;
  brief: number;
  origin: number;
}): string {
  return `mesh: relay
listeners:
  - { name: sql, address: "127.0.0.1:${ports.edge}", protocol: tcp, service: db }
  - { name: gone, address: "127.0.0.1:${ports.refused}", protocol: tcp, service: nobody }
  - { name: brief, address: "127.0.0.1:${ports.brief}", protocol: tcp, service: brief }
services:
  brief: { protocol: tcp, endpoints: ["127.0.0.1:${ports.origin}"], timeouts: { streamIdle: 300ms } }
  db: { protocol: tcp, endpoints: ["127.0.0.1:${ports.origin}"] }
  nobody: { protocol: tcp, endpoints: ["127.0.0.1:${ports.unused}"] }
`;
}

/** Numbered lines, so that a piece that is missing, doubled or misplaced changes the digest. */
function pattern(mark: string, bytes: number): string {
  return Array.from(
    { length: bytes / 16 },
    (_, index) => `${mark}${String(index).padStart(14)}\n`,
  ).join("");
}

function digest(text: string): string {
  return `${text.length} ${createHash("sha256").update(text, "latin1").digest("hex")}`;
}

const BODY_BYTES = 8_000_000;
/** More than the buffers of four sockets hold, as far as the kernel lets them grow. */
const RESTED_BYTES = 48_000_000;
