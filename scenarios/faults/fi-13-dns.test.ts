// FI-13: a DNS server that fails in every way it can. The last good endpoints stay and no request fails; nobody is asked
// more often than every 5 s; a good answer is followed again.
import { once } from "node:events";
import { createServer } from "node:http";
import type { Test } from "tap";
import { freePorts } from "../support/free-ports.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { until } from "../support/until.ts";
import { dnsFaults, startDnsServer, type DnsAnswer, type DnsServer } from "./dns-server.ts";

scenario(
  "FI-13 whatever DNS does, the last good endpoints stay and new ones are followed",
  async (t) => {
    const { dns, get } = await start(t, Object.keys(dnsFaults));
    const ask = async (): Promise<Record<string, string>> => Object.fromEntries(await get());
    const expected = (answer: string): Record<string, string> =>
      Object.fromEntries(Object.keys(dnsFaults).map((name) => [name, answer]));
    t.strictSame(await ask(), expected("127.0.0.1"));

    const brokenMs = performance.now();
    for (const [name, answer] of Object.entries(dnsFaults)) dns.answers.set(hostOf(name), answer);
    let count = 0;
    // Every name is asked again in this time, and the one that is met with silence gives up on its questions.
    while (performance.now() - brokenMs < BROKEN_MS) {
      t.strictSame(await ask(), expected("127.0.0.1"), `round ${(count += 1)}`);
    }
    const asked = new Set(dns.asked.filter(({ atMs }) => atMs > brokenMs).map(({ name }) => name));
    t.equal(
      asked.size,
      Object.keys(dnsFaults).length,
      "every name was asked for while it was broken",
    );

    for (const name of Object.keys(dnsFaults)) dns.answers.set(hostOf(name), good("127.0.0.2"));
    await until(
      "every name is followed again",
      async () => Object.values(await ask()).every((answer) => answer === "127.0.0.2"),
      RECOVERY_MS_MAX,
    );
    t.ok(shortestGap(dns) >= TTL_MS_MIN, "no name is asked for again within 5 s of its answer");
  },
);

scenario("FI-13 a thousand records, and an answer that changes every time", async (t) => {
  const { dns, agent, get } = await start(t, ["many", "flapping"]);
  const all = Array.from({ length: 1_000 }, (_, index) => `127.1.${index >> 8}.${index & 0xff}`);
  dns.answers.set(hostOf("many"), { addresses: all, ttl: 0 });
  dns.answers.set(hostOf("flapping"), good("127.0.0.2"));
  const seen = { many: new Set<string>(), flapping: new Set<string>() };
  const look = async (): Promise<void> => {
    const answers = await get();
    seen.many.add(answers.get("many") ?? "");
    seen.flapping.add(answers.get("flapping") ?? "");
  };
  await until("many of the thousand have answered", async () => {
    await look();
    return seen.many.size > 100;
  });
  await until("it flapped", async () => {
    await look();
    dns.answers.set(hostOf("flapping"), good(`127.0.0.${1 + (dns.asked.length % 2)}`));
    return seen.flapping.size === 2;
  });
  t.ok([...seen.many].every((address) => all.includes(address) || address === "127.0.0.1"));
  t.ok(shortestGap(dns) >= TTL_MS_MIN);
  t.equal((await agent.stats()).configurationVersion, 1, "endpoints rebuild no route");
});

scenario(
  "FI-13 forty names of one TTL are not asked for together, nor one name for two services",
  async (t) => {
    const names = Array.from({ length: 40 }, (_, index) => `name-${index}`);
    const { dns } = await start(t, names, ["name-0"]);
    const first = dns.asked.length;
    t.equal(first, 40, "each name was asked for once");
    await until("each was asked for again", () => dns.asked.length >= 2 * first);
    const again = dns.asked.slice(first, 2 * first).map(({ atMs }) => atMs);
    const spreadMs = (again.at(-1) ?? 0) - (again[0] ?? 0);
    t.comment(`40 names were asked for again within ${spreadMs.toFixed(0)} ms`);
    t.ok(spreadMs > 200, "spread by the tenth that is added at random");
    t.equal(new Set(dns.asked.slice(first, 2 * first).map(({ name }) => name)).size, 40);
  },
);

scenario(
  "FI-13 hosts that SRV records name are followed, and one that is new is known before it is used",
  async (t) => {
    const [edge = 0, dnsPort = 0, originPort = 0] = await freePorts(3);
    const dns = await startDnsServer(t, dnsPort);
    await startOrigins(t, originPort);
    const record = { priority: 1, weight: 1, port: originPort };
    dns.answers.set("_http._tcp.web.test", { srv: [{ ...record, target: "one.test" }] });
    dns.answers.set("one.test", good("127.0.0.1"));
    const agent = await startAgent(t, {
      mesh: `mesh: faults
dns: { servers: ["127.0.0.1:${dnsPort}"] }
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["srv:_http._tcp.web.test"] }
`,
    });
    const answer = async (): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${edge}/`);
      if (!response.ok) throw new Error(`answered with ${response.status}`);
      return response.text();
    };
    t.equal(await answer(), "127.0.0.1");

    const two = { ...record, priority: 0, target: "two.test" };
    dns.answers.set("_http._tcp.web.test", { srv: [{ ...record, target: "one.test" }, two] });
    dns.answers.set("two.test", good("127.0.0.2"));
    await until(
      "the lower priority is used",
      async () => (await answer()) === "127.0.0.2",
      SRV_MS_MAX,
    );

    dns.answers.set("_http._tcp.web.test", { code: "SERVFAIL" });
    dns.answers.set("two.test", good("127.0.0.3"));
    await until("its host is followed", async () => (await answer()) === "127.0.0.3");
    t.equal((await agent.stats()).configurationVersion, 1);
  },
);

interface Started {
  dns: DnsServer;
  agent: Agent;
  /** By name, the address of this host that answered a request to its service; throws when one fails. */
  get(): Promise<Map<string, string>>;
}

/** A service for each name, and one more for each of `twice`; all resolve to 127.0.0.1 at first. */
async function start(
  t: Test,
  names: readonly string[],
  twice: readonly string[] = [],
): Promise<Started> {
  const [dnsPort = 0, originPort = 0, ...doors] = await freePorts(2 + names.length);
  const dns = await startDnsServer(t, dnsPort);
  for (const name of names) dns.answers.set(hostOf(name), good("127.0.0.1"));
  await startOrigins(t, originPort);
  const listener = (name: string, index: number): string =>
    `  - { name: ${name}, address: "127.0.0.1:${doors[index]}", protocol: http, service: ${name} }`;
  const service = (name: string, host: string): string =>
    `  ${name}: { endpoints: ["${hostOf(host)}:${originPort}"], balancer: roundRobin }`;
  const mesh = `mesh: faults
dns: { servers: ["127.0.0.1:${dnsPort}"] }
listeners:
${names.map(listener).join("\n")}
services:
${[...names.map((name) => service(name, name)), ...twice.map((name) => service(`again-${name}`, name))].join("\n")}
`;
  const agent = await startAgent(t, { mesh });
  const answerOf = async (name: string, index: number): Promise<[string, string]> => {
    const response = await fetch(`http://127.0.0.1:${doors[index]}/`);
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return [name, await response.text()];
  };
  return { dns, agent, get: async () => new Map(await Promise.all(names.map(answerOf))) };
}

/** Answers on every address of loopback with the one that was asked. */
async function startOrigins(t: Test, port: number): Promise<void> {
  const server = createServer((request, response) => response.end(request.socket.localAddress));
  server.keepAliveTimeout = 120_000;
  server.listen(port, "0.0.0.0");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
}

function hostOf(name: string): string {
  return `${name}.test`;
}

function good(address: string): DnsAnswer {
  return { addresses: [address], ttl: 0 };
}

/** Between two questions for one name. Questions for what was not answered, and those over TCP, are repetitions. */
function shortestGap({ asked }: DnsServer): number {
  const last = new Map<string, number>();
  const gaps = asked.map(({ name, atMs }) => {
    const gap = atMs - (last.get(name) ?? Number.NEGATIVE_INFINITY);
    last.set(name, atMs);
    return gap;
  });
  return Math.min(...gaps.filter((gap) => gap > REPETITION_MS_MAX));
}

const TTL_MS_MIN = 4_990;
const BROKEN_MS = 12_000;
/** A question that got no answer is put again after this long at most. */
const REPETITION_MS_MAX = 4_500;
const RECOVERY_MS_MAX = 40_000;
/** SRV records are asked for every 30 s. */
const SRV_MS_MAX = 45_000;
