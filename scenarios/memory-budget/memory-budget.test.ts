// More is offered than the process may hold: it gives up the connections that hold most, says so, and recovers.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Test } from "tap";
import { freePorts } from "../support/free-ports.ts";
import { metricSum } from "../support/metric-sum.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { until } from "../support/until.ts";

scenario(
  "clients that read nothing cannot fill the memory, and everybody is served after them",
  async (t) => {
    const [edge = 0] = await freePorts(1);
    const plain = await startAgent(t, { mesh: meshText(edge, await startFiles(t)), shards: 1 });
    const base = metricSum(await plain.metrics(), "heddle_memory_bytes", { part: "base" });
    plain.signal("SIGTERM");
    await plain.ended;

    const budgetMiB = Math.ceil(base / MIB) + ROOM_MIB;
    const agent = await startAgent(t, {
      mesh: meshText(edge, await startFiles(t)),
      shards: 1,
      words: ["--memory-limit", `${budgetMiB}MiB`],
    });
    await served(t, edge);
    const deaf = Array.from({ length: CLIENTS }, () => deafClient(t, edge));
    const reached = async (limit: string): Promise<number> =>
      metricSum(await agent.metrics(), "heddle_limits_reached_total", { limit });
    await until("the ladder was climbed", async () => (await reached("memory_reset")) > 0, 60_000);

    const metrics = await agent.metrics();
    const part = (name: string): number =>
      metricSum(metrics, "heddle_memory_bytes", { part: name });
    const countedMiB = (part("base") + part("connections")) / MIB;
    t.ok(countedMiB <= budgetMiB, `${countedMiB.toFixed(1)} MiB are counted of ${budgetMiB}`);
    const measuredMiB = part("measured") / MIB;
    t.comment(`${measuredMiB.toFixed(1)} MiB are held by the kernel's count`);
    const errors = metricSum(metrics, "heddle_request_errors_total", { error: "overloaded" });
    t.ok(errors > 0, `${errors} requests were given up as overloaded`);

    for (const socket of deaf) socket.destroy();
    await until("it recovers", async () => {
      const now = metricSum(await agent.metrics(), "heddle_memory_bytes", { part: "connections" });
      return now < (ROOM_MIB * MIB) / 4;
    });
    await served(t, edge);
  },
);

/** Asks for more than every buffer on the way holds, and reads nothing. */
function deafClient(t: Test, port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1" });
  t.teardown(() => void socket.destroy());
  socket.on("error", () => undefined);
  socket.pause();
  socket.write("GET /files HTTP/1.1\r\nhost: x\r\n\r\n");
  return socket;
}

async function served(t: Test, port: number): Promise<void> {
  const peer = RawPeer.connect(t, port).send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  t.match(await peer.received("ok"), "HTTP/1.1 200 ");
}

/** Answers `/files` with 16 MB, and everything else with two bytes. */
async function startFiles(t: Test): Promise<number> {
  const file = Buffer.alloc(16 * MIB, "f");
  const server = createServer((request, response) => {
    response.end(request.url === "/files" ? file : "ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function meshText(edge: number, port: number): string {
  return `mesh: budget
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${port}"], timeouts: { request: 60s } }
`;
}

const MIB = 1_048_576;
/** Room for connections: what the clients want is several times as much. */
const ROOM_MIB = 24;
const CLIENTS = 200;
