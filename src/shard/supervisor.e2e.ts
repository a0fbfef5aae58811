import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "tap";
import { encode, encodeEndpoints, type Snapshot } from "../snapshot/index.ts";
import { preferSmallHeaps, startShards } from "./index.ts";

// The addon is opened once in a process, so this file is one story: start, refuse, serve, change, stop.

function snapshotOf(version: number, address: string, endpoint: string): Snapshot {
  return {
    version,
    mesh: "test",
    listeners: [{ name: "edge", address, protocol: "http", service: 0, origin: 0 }],
    services: [
      {
        name: "web",
        namespace: "default",
        protocol: "http",
        balancer: "peakEwma",
        timeouts: { connectMs: 1_000, requestMs: 5_000 },
        rules: [],
        origin: 0,
      },
    ],
    rules: [],
    endpoints: { version, services: [[{ address: endpoint }]] },
    origins: [{ file: "mesh.yaml", line: 1, resource: "Mesh/test" }],
  };
}

async function upstream(answer: string): Promise<{ address: string; close(): void }> {
  const server = createServer((_, response) => response.end(answer));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, close: () => void server.close() };
}

async function freeAddress(): Promise<string> {
  const { address, close } = await upstream("");
  close();
  return address;
}

function fetchText(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`http://${address}/`, { agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("shards serve what is published, refuse what is wrong, and stop", async (t) => {
  preferSmallHeaps();
  const shards = startShards({ shards: 2, share: false, memoryBytes: 1e12 });
  const [one, two, edge] = await Promise.all([upstream("one"), upstream("two"), freeAddress()]);

  t.throws(() => shards.publish(Buffer.from("{")), { code: "HED2901" });
  const inconsistent = snapshotOf(1, edge, one.address);
  inconsistent.listeners[0] = {
    name: "edge",
    address: edge,
    protocol: "http",
    service: 9,
    origin: 0,
  };
  t.throws(() => shards.publish(encode(inconsistent)), { code: "HED2902" });

  shards.publish(encode(snapshotOf(1, edge, one.address)));
  t.equal(await fetchText(edge), "one");

  const taken = snapshotOf(2, one.address, one.address);
  t.throws(() => shards.publish(encode(taken)), { code: "HED5101" });
  t.equal(await fetchText(edge), "one", "a refused snapshot changes nothing");

  shards.publishEndpoints(encodeEndpoints({ version: 2, services: [[{ address: two.address }]] }));
  await until(() => shards.stats().endpointsVersion === 2);
  t.equal(await fetchText(edge), "two");

  await until(() => shards.stats().cells[0]?.requests.some(({ count }) => count === 3) ?? false);
  const { cells, shards: each, configurationVersion } = shards.stats();
  t.match(cells, [
    { listener: "edge", source: "unknown", service: "web", requests: [{ status: 200, count: 3 }] },
  ]);
  t.same(
    each.map(({ index }) => index),
    [0, 1],
  );
  t.equal(configurationVersion, 1);

  const pings = await shards.ping();
  t.equal(pings.length, 2);
  t.ok(pings.every((ms) => ms > 0));

  shards.stop(5_000);
  await shards.finished;
  await t.rejects(fetchText(edge), "nothing listens any more");
  await t.rejects(shards.ping(), "who asks a stopped shard is told so");
});
