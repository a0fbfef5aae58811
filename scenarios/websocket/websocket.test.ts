// WebSocket through a real agent, with the package `ws` on both sides and with plain sockets where bytes are counted.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Test } from "tap";
import { WebSocket } from "ws";
import { freePorts } from "../support/free-ports.ts";
import { metricSum } from "../support/metric-sum.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";
import { startWebSocketEcho, type WebSocketEcho } from "../support/start-websocket-echo.ts";
import { until } from "../support/until.ts";

scenario("WebSocket messages and closes pass unchanged in both directions", async (t) => {
  const server = await startWebSocketEcho(t);
  const { agent, edge } = await startEdge(t, server.port);

  await t.test("text and binary of every size come back as they were sent", async (row) => {
    const { client } = await connected(edge, server);
    const messages = [0, 1, 125, 126, 65_535, 65_536, 1_000_000].flatMap((size) => [
      { data: randomBytes(size), binary: true },
      { data: Buffer.from("ä".repeat(size / 2)), binary: false },
    ]);
    const back: { data: Buffer; binary: boolean }[] = [];
    client.on("message", (data: Buffer, binary) => back.push({ data, binary }));
    for (const { data, binary } of messages) client.send(data, { binary });
    await until("all came back", () => back.length === messages.length);
    const same = back.map(({ data, binary }, index) => {
      const sent = messages[index];
      return sent !== undefined && data.equals(sent.data) && binary === sent.binary;
    });
    row.notOk(same.includes(false), `${messages.length} messages`);
    client.terminate();
  });
  await t.test("a close of the client reaches the server with code and reason", async (row) => {
    const { client, peer } = await connected(edge, server);
    const closed = once(peer, "close") as Promise<[number, Buffer]>;
    client.close(4001, "enough");
    const [code, reason] = await closed;
    row.equal(code, 4001);
    row.equal(reason.toString(), "enough");
  });
  await t.test("a close of the server reaches the client with code and reason", async (row) => {
    const { client, peer } = await connected(edge, server);
    const closed = once(client, "close") as Promise<[number, Buffer]>;
    peer.close(4002, "over");
    const [code, reason] = await closed;
    row.equal(code, 4002);
    row.equal(reason.toString(), "over");
  });
  await t.test("a refusal of the upstream reaches the client", async (row) => {
    const client = new WebSocket(`ws://127.0.0.1:${edge}/refused`);
    const [, response] = (await once(client, "unexpected-response")) as [
      unknown,
      { statusCode: number },
    ];
    row.equal(response.statusCode, 403);
    client.on("error", () => {});
    client.terminate();
  });

  const upgraded = metricSum(await agent.metrics(), "istio_requests_total", {
    response_code: "101",
  });
  t.equal(upgraded, 3, "each counts as one request");
});

scenario("nothing reaches an upstream behind a handshake before it has agreed", async (t) => {
  const origin = await startRawOrigin(t);
  const { edge } = await startEdge(t, origin.port);

  await t.test("early bytes are held until 101", async (row) => {
    const client = RawPeer.connect(t, edge).send(`${handshake("websocket")}early`);
    const { head, upstream } = await origin.request();
    row.match(head, /^upgrade: websocket\r\nconnection: upgrade\r$/im);
    await new Promise((resolve) => setTimeout(resolve, 100));
    row.equal(upstream.text, "");
    upstream.send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello",
    );
    row.equal(await upstream.received("early"), "early");
    row.match(await client.received("\r\n\r\nhello"), /^HTTP\/1\.1 101 /);
    client.finish();
    row.equal(await upstream.ended(), "fin");
    upstream.send("bye").finish();
    await client.received("bye");
    row.equal(await client.ended(), "fin");
  });
  await t.test("an upgrade to h2c is not asked for", async (row) => {
    const client = RawPeer.connect(t, edge).send(handshake("h2c"));
    const { head, upstream } = await origin.request();
    row.notMatch(head, /upgrade|h2c|http2-settings/i);
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    row.match(await client.received("ok"), /^HTTP\/1\.1 200 /);
  });
});

/** A client and its other end. */
async function connected(
  edge: number,
  { sockets }: WebSocketEcho,
): Promise<{ client: WebSocket; peer: WebSocket }> {
  const accepted = once(sockets, "connection") as Promise<[WebSocket]>;
  const client = new WebSocket(`ws://127.0.0.1:${edge}/echo`, { perMessageDeflate: false });
  await once(client, "open");
  const [peer] = await accepted;
  return { client, peer };
}

async function startEdge(t: Test, port: number): Promise<{ agent: Agent; edge: number }> {
  const [edge = 0] = await freePorts(1);
  const agent = await startAgent(t, {
    shards: 1,
    mesh: `mesh: websocket
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${port}"] }
`,
  });
  return { agent, edge };
}

function handshake(protocol: string): string {
  return (
    `GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\n` +
    "HTTP2-Settings: AAMAAABk\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
  );
}
