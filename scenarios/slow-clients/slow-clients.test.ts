// Clients that hold on to what they were given: each kind is ended by its own deadline, counted under its own name, and
// costs no more memory than its bound, while everybody else is served.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Test } from "tap";
import { freePorts } from "../support/free-ports.ts";
import { memoryOf } from "../support/memory-of.ts";
import { metricSum } from "../support/metric-sum.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";

scenario("slow heads, slow bodies and slow readers end by their deadlines", async (t) => {
  const [edge = 0] = await freePorts(1);
  const agent = await startAgent(t, { mesh: meshText(edge, await startFiles(t)), shards: 2 });
  await served(t, edge);
  const before = await memoryOf(agent.pid);

  const heads = many(() => RawPeer.connect(t, edge).send("GET / HT"));
  const bodies = many(() => RawPeer.connect(t, edge).send(`POST /upload ${uploadHead}x`));
  const readers = many(() => deafClient(t, edge));
  await served(t, edge);
  const during = await memoryOf(agent.pid);

  const answers = await Promise.all([
    ...heads.map((peer) => peer.received("head_timeout (")),
    ...bodies.map((peer) => peer.received("body_timeout (")),
  ]);
  t.ok(
    answers.every((answer) => answer.startsWith("HTTP/1.1 408 ")),
    "a head and a body that do not come are answered with 408",
  );
  await Promise.all([...heads, ...bodies].map((peer) => peer.ended()));
  await Promise.all(readers);
  await served(t, edge);

  const metrics = await agent.metrics();
  const reached = (limit: string): number =>
    metricSum(metrics, "heddle_limits_reached_total", { limit });
  t.equal(reached("head"), COUNT);
  t.equal(reached("body_rate"), COUNT);
  const late = { error: "response_timeout", service: "files" };
  t.equal(metricSum(metrics, "heddle_request_errors_total", late), COUNT);
  const growthBytes = during.rssBytes - before.rssBytes;
  t.comment(`${3 * COUNT} slow connections, ${(growthBytes / 1e6).toFixed(1)} MB more`);
  t.ok(growthBytes < GROWTH_BYTES_MAX, "memory stays within the bounds of the connections");
});

function many<T>(make: () => T): T[] {
  return Array.from({ length: COUNT }, make);
}

/** Asks for more than every buffer on the way holds, reads nothing, and resolves when the connection is reset. */
function deafClient(t: Test, port: number): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1" });
  t.teardown(() => void socket.destroy());
  socket.pause();
  socket.write("GET /files HTTP/1.1\r\nhost: x\r\n\r\n");
  return new Promise((resolve) => {
    socket.once("error", () => resolve());
    // What a socket does not read does not tell it of a reset either; a write does.
    const probe = setInterval(() => socket.write("\r\n"), 250);
    socket.once("close", () => {
      clearInterval(probe);
      resolve();
    });
  });
}

async function served(t: Test, port: number): Promise<void> {
  const peer = RawPeer.connect(t, port).send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  t.match(await peer.received("ok"), "HTTP/1.1 200 ");
}

/** Answers `/files` with 16 MB, and everything else with two bytes. */
async function startFiles(t: Test): Promise<number> {
  const file = Buffer.alloc(16 * 1024 * 1024, "f");
  const server = createServer((request, response) => {
    request.on("error", () => undefined);
    request.on("end", () => response.end(request.url === "/files" ? file : "ok"));
    request.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function meshText(edge: number, port: number): string {
  const endpoints = `port: 80, endpoints: ["127.0.0.1:${port}"]`;
  return `mesh: slow
listeners:
  - name: edge
    address: "127.0.0.1:${edge}"
    protocol: http
    service: web
    errors: full
    timeouts: { head: 2s }
services:
  web: { ${endpoints}, timeouts: { request: 0s } }
  files: { ${endpoints}, timeouts: { request: 3s } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: files }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - { matches: [{ path: { type: PathPrefix, value: /files } }], backendRefs: [{ name: files, port: 80 }] }
    - { matches: [{ path: { type: PathPrefix, value: / } }], backendRefs: [{ name: web, port: 80 }] }
`;
}

/** Slow connections of each kind. */
const COUNT = 100;
const uploadHead = "HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
/** A started head holds one small block, a reader a full write queue of 256 KiB and the read that filled it. */
const GROWTH_BYTES_MAX = COUNT * (9_360 + 256 * 1024 + 128 * 1024) + 3 * COUNT * 2_048 + 4_000_000;
