// FI-20: an agent in a control group of 128 MiB is offered more than that holds: it gives up by the ladder, and the kernel
// never has to kill it.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { freePorts } from "../support/free-ports.ts";
import { memoryGroup } from "../support/memory-group.ts";
import { metricSum } from "../support/metric-sum.ts";
import { nextMessage } from "../support/next-message.ts";
import { projectRoot } from "../support/project-root.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startProcess } from "../support/start-process.ts";
import { until } from "../support/until.ts";
import { meshText } from "./mesh-text.ts";

const MIB = 1_048_576;
const LIMIT_BYTES = 128 * MIB;
const CLIENTS = 10_000;
/** Shorter than a head may take, so that all are held at once. */
const HELD_MS = 8_000;
const SAMPLE_MS = 100;
const RECOVERED_BYTES = 8_000_000;

scenario("FI-20 128 MiB are enough for whatever is offered", async (t) => {
  const group = await memoryGroup(t, LIMIT_BYTES);
  if (typeof group === "string") return void t.pass("none was tried", { skip: group });
  const [edge = 0] = await freePorts(1);
  const mesh = meshText(edge, [await startHoarder(t)]);
  const agent = await startAgent(t, { mesh, shards: 1, controlGroup: group.folder });
  let end: unknown;
  void agent.ended.then((how) => (end = how));
  await served(t, edge);

  const program = fileURLToPath(new URL("./greedy-client.js", import.meta.url));
  const greedy = startProcess(t, [program, String(edge), String(CLIENTS)], {
    folder: projectRoot,
    channel: true,
  });
  await nextMessage(greedy);
  let peakBytes = 0;
  for (const startMs = performance.now(); performance.now() - startMs < HELD_MS;) {
    const metrics = await agent.metrics();
    peakBytes = Math.max(
      peakBytes,
      metricSum(metrics, "heddle_memory_bytes", { part: "measured" }),
    );
    await sleep(SAMPLE_MS);
  }
  const metrics = await agent.metrics();
  const steps = ["shrink", "hurry", "last", "refuse", "shed", "reset"].map(
    (step) =>
      `${step} ${metricSum(metrics, "heddle_limits_reached_total", { limit: `memory_${step}` })}`,
  );
  t.comment(
    `${CLIENTS} clients; peak ${(peakBytes / MIB).toFixed(1)} MiB of 128; ${steps.join(", ")}`,
  );
  const budget = metricSum(metrics, "heddle_memory_bytes", { part: "budget" });
  t.equal(budget, LIMIT_BYTES, "the limit of the control group is the budget");
  t.notOk(steps.includes("refuse 0"), "nothing more was accepted when memory was short");
  t.equal(end, undefined, "the agent runs");
  t.equal(await group.killedCount(), 0, "the kernel killed nobody");

  greedy.signal("SIGKILL");
  await until("it recovers", async () => {
    const now = await agent.metrics();
    return metricSum(now, "heddle_memory_bytes", { part: "connections" }) < RECOVERED_BYTES;
  });
  await served(t, edge);
});

async function served(t: Test, port: number): Promise<void> {
  const peer = RawPeer.connect(t, port).send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  t.match(await peer.received("ok"), "HTTP/1.1 200 ");
}

/** Answers `/file` with 16 MB and everything else with two bytes, but takes no body. */
async function startHoarder(t: Test): Promise<number> {
  const file = Buffer.alloc(16 * 1024 * 1024, "f");
  const server = createServer((request, response) => {
    if (request.method === "POST") return;
    response.end(request.url === "/file" ? file : "ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}
