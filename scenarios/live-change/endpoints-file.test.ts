// Endpoints come from a file that is rewritten 100 times under load, replaced or written in place: no request fails,
// those in flight to an endpoint that goes are answered, its connections end, and a file that is wrong for a while
// changes nothing but what is reported.
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failuresOf } from "../support/failures-of.ts";
import { freePorts } from "../support/free-ports.ts";
import { monotonicMs } from "../support/monotonic-ms.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { startLoad } from "../support/start-load.ts";
import { startOrigin } from "../support/start-origin.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

scenario("100 changes of a file of endpoints under load fail no request", async (t) => {
  const [edge = 0, slow = 0, ...ports] = await freePorts(6);
  const all = [slow, ...ports];
  const origin = await startOrigin(t, all, new Map([[slow, SLOW_MS]]));
  const folder = await temporaryFolder(t);
  const list = join(folder, "web.yaml");
  await writeFile(join(folder, "mesh.yaml"), meshText(edge));
  await writeFile(list, listOf(all));
  const agent = await startAgent(t, { mesh: "", folder });
  const requests = [{}, { bodyBytes: 500 }];
  const options = { port: edge, connections: 32, ratePerSecond: 1_000, tag: "list", requests };
  const load = await startLoad(t, options);

  for (let index = 1; index <= CHANGES; index += 1) {
    // Each port is out every fourth time, the slow one with requests in flight.
    const present = all.filter((_, place) => (index + place) % 4 > 0);
    await change(agent, list, { text: listOf(present), inPlace: index % 2 === 0 });
  }
  await change(agent, list, { text: listOf(ports.slice(0, 1)), inPlace: false });
  const during = await load.phase();
  await until("the connections of removed endpoints are closed", async () => {
    const open = await Promise.all(ports.slice(1).concat(slow).map(connectionsTo));
    return open.every((count) => count === 0);
  });
  await until("traffic came after it", () => monotonicMs() - during.toMs > 500);
  const after = await load.stop();

  const ledger = [...during.ledger, ...after.ledger];
  const slowest = ledger.filter(({ endpoint }) => endpoint === slow).length;
  t.comment(`${CHANGES} changes, ${ledger.length} requests, ${slowest} of the slow endpoint`);
  t.strictSame(failuresOf(ledger), {}, "no request failed");
  t.ok(slowest > 0, "requests were in flight while it went");
  const late = after.ledger.filter(({ sentMs }) => sentMs > during.toMs + SETTLE_MS);
  t.ok(late.length > 100, "there was traffic afterwards");
  t.ok(
    late.every(({ endpoint }) => endpoint === ports[0]),
    "all of it went to the endpoint that is left",
  );
  const { arrivals } = await origin.ledger();
  t.equal(arrivals.size, ledger.length, "the origin saw exactly the requests that were answered");
  t.ok(
    [...arrivals.values()].every((count) => count === 1),
    "no request was executed twice",
  );
  t.equal(after.opened, 32, "no connection of a client was closed by a change");
  const { configurationVersion, endpointsVersion } = await agent.stats();
  t.equal(configurationVersion, 1, "nothing else was rebuilt");
  t.equal(endpointsVersion, CHANGES + 2, "each change is one version");
});

scenario(
  "a wrong file of endpoints keeps what it said, wrong files keep it following",
  async (t) => {
    const [edge = 0, one = 0, two = 0] = await freePorts(3);
    await startOrigin(t, [one, two]);
    const folder = await temporaryFolder(t);
    const list = join(folder, "web.yaml");
    await writeFile(join(folder, "mesh.yaml"), meshText(edge));
    await writeFile(list, listOf([one]));
    const agent = await startAgent(t, { mesh: "", folder });

    const from = agent.stderr.length;
    await writeFile(list, `${listOf([two])}  - "127.0.0.1"\n`);
    await until("the place of the mistake is told", () =>
      agent.stderr.slice(from).includes("--> web.yaml:3:5\n"),
    );
    t.match(agent.stderr.slice(from), "its last good content stays in force");
    t.equal(await answeredBy(edge), one);
    t.match((await agent.status()).diagnostics, [{ code: "HED2115", at: "web.yaml:3:5" }]);

    await agent.write("mesh: [");
    await until("the mesh file is refused", () => agent.stderr.includes("change refused"));
    await change(agent, list, { text: listOf([two]), inPlace: true });
    t.equal(await answeredBy(edge), two, "endpoints follow although the mesh file is wrong");

    await agent.write(meshText(edge, "other.yaml"));
    await until("the file that is named does not exist", () => agent.stderr.includes("HED2001"));
    await change(agent, join(folder, "other.yaml"), { text: listOf([one]), inPlace: true });
    t.equal(
      await answeredBy(edge),
      one,
      "the mesh file counts once the file that it names is there",
    );
    t.strictSame((await agent.status()).diagnostics, []);
  },
);

/** Waits until it is in force. */
async function change(
  agent: Agent,
  path: string,
  { text, inPlace }: { text: string; inPlace: boolean },
): Promise<void> {
  const before = inForce(agent);
  await writeFile(inPlace ? path : `${path}.new`, text);
  if (!inPlace) await rename(`${path}.new`, path);
  await until("the endpoints are in force", () => inForce(agent) > before);
}

function inForce(agent: Agent): number {
  return agent.stderr.split(/ in force$/m).length;
}

async function answeredBy(edge: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${edge}/`);
  return Number(response.headers.get("x-endpoint"));
}

/** Established connections to a port of this host, as its clients have them. */
async function connectionsTo(port: number): Promise<number> {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = (await readFile("/proc/net/tcp", "utf8")).split("\n");
  const open = new RegExp(`^ *[0-9]+: [0-9A-F]{8}:[0-9A-F]{4} 0100007F:${hexadecimal} 01 `);
  return lines.filter((line) => open.test(line)).length;
}

function meshText(edge: number, list = "web.yaml"): string {
  return `mesh: lists
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpointsFile: ${list}, balancer: roundRobin }
`;
}

function listOf(ports: readonly number[]): string {
  return ["endpoints:", ...ports.map((port) => `  - "127.0.0.1:${port}"`), ""].join("\n");
}

const CHANGES = 100;
const SLOW_MS = 100;
/** A shard takes new endpoints at its next turn. */
const SETTLE_MS = 50;
