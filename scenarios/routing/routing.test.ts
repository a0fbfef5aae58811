// Where requests go: HTTPRoute matches, weights and filters, and the three ways to pick an endpoint.
import type { Test } from "tap";
import { freePorts } from "../support/free-ports.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startLoad, type LedgerEntry } from "../support/start-load.ts";
import { startOrigin } from "../support/start-origin.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";
import { failuresOf } from "../support/failures-of.ts";
import { until } from "../support/until.ts";

scenario(
  "an HTTPRoute picks by path, method and header, and changes headers both ways",
  async (t) => {
    const [edge = 0] = await freePorts(1);
    const origin = await startRawOrigin(t);
    await startAgent(t, { mesh: matchingMesh(edge, origin.port), shards: 1 });
    const client = RawPeer.connect(t, edge);
    /** What the origin sees of `x-rule`, which each rule sets to its own name. */
    const ruleOf = async (line: string, fields = ""): Promise<string> => {
      client.send(`${line} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
      const { head, upstream } = await origin.request();
      upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      await client.received("\r\n\r\n");
      return /x-rule: (\S+)/i.exec(head)?.[1] ?? "none";
    };

    t.equal(await ruleOf("GET /items/7"), "prefix");
    t.equal(await ruleOf("GET /items"), "prefix", "a prefix holds for the path itself");
    t.equal(await ruleOf("GET /itemsize"), "rest", "but ends at an element");
    t.equal(await ruleOf("GET /items/7/parts"), "longer", "the longer prefix wins");
    t.equal(await ruleOf("GET /items/exact"), "exact", "an exact path wins over all");
    t.equal(await ruleOf("GET /items/exact?page=2"), "exact", "the query is no part of the path");
    t.equal(await ruleOf("DELETE /items/7"), "method", "a method wins over none");
    t.equal(await ruleOf("GET /items/7", "X-Group: beta\r\n"), "header", "a header wins over none");
    t.equal(
      await ruleOf("GET /items/7", "X-Group: Beta\r\n"),
      "prefix",
      "values are compared exactly",
    );
    t.equal(await ruleOf("GET /items/12"), "pattern", "a pattern wins over every prefix");
    t.equal(await ruleOf("GET /items/12/parts"), "prefix", "and is for the whole path");
    t.equal(await ruleOf("GET /items/7?sort=up%20ward"), "query", "parameters as they are meant");
    t.equal(await ruleOf("GET /items/7?page=23"), "page");
    t.equal(await ruleOf("GET /items/7?page=x"), "prefix");
    t.equal(await ruleOf("GET /items/7", "X-Version: 2.14\r\n"), "version");
    t.equal(await ruleOf("GET /"), "rest");

    client.send("GET /edit HTTP/1.1\r\nHost: x\r\nX-Gone: 1\r\nX-Set: old\r\nX-Add: one\r\n\r\n");
    const { head, upstream } = await origin.request();
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: secret\r\nVia: a\r\n\r\n");
    const answer = await client.received("\r\n\r\n");
    t.notMatch(head, /x-gone/i);
    t.strictSame(valuesOf(head, "x-set"), ["new"]);
    t.strictSame(valuesOf(head, "x-add").join(",").split(/ *, */), ["one", "two"]);
    t.strictSame(valuesOf(answer, "server"), []);
    t.strictSame(valuesOf(answer, "x-served-by"), ["heddle"]);
  },
);

scenario("weights share requests out", async (t) => {
  const [edge = 0, one = 0, two = 0] = await freePorts(3);
  await startOrigin(t, [one, two]);
  await startAgent(t, { mesh: weightedMesh(edge, one, two) });

  const ledger = await answersOf(t, edge, { connections: 16, count: 10_000 });

  const share = ledger.filter(({ endpoint }) => endpoint === two).length / ledger.length;
  t.comment(
    `weights 90 and 10: ${ledger.length} requests, ${(share * 100).toFixed(2)} % to the second`,
  );
  t.strictSame(failuresOf(ledger), {});
  // Six standard deviations of a fair draw.
  t.ok(Math.abs(share - 0.1) < 6 * Math.sqrt((0.1 * 0.9) / ledger.length), `${share}`);
});

scenario("each balancer picks in its way when one of three endpoints is slow", async (t) => {
  const ports = await freePorts(6);
  const [robin = 0, least = 0, ewma = 0, ...endpoints] = ports;
  const slow = endpoints[2] ?? 0;
  await startOrigin(t, endpoints, new Map([[slow, 20]]));
  await startAgent(t, { mesh: balancedMesh({ robin, least, ewma }, endpoints), shards: 1 });

  const shares: Record<string, number> = {};
  for (const [name, port] of Object.entries({
    roundRobin: robin,
    leastRequest: least,
    peakEwma: ewma,
  })) {
    const ledger = await answersOf(t, port, {
      connections: 16,
      count: name === "roundRobin" ? 900 : 6_000,
    });
    t.strictSame(failuresOf(ledger), {}, `${name}: no request failed`);
    shares[name] = ledger.filter(({ endpoint }) => endpoint === slow).length / ledger.length;
  }

  t.comment(
    `share of the slow endpoint: ${Object.entries(shares)
      .map(([name, share]) => `${name} ${(share * 100).toFixed(1)} %`)
      .join(", ")}`,
  );
  t.ok(Math.abs((shares["roundRobin"] ?? 0) - 1 / 3) < 0.02, "in turn, slow or not");
  t.ok((shares["leastRequest"] ?? 1) < 0.2, "where least runs");
  t.ok((shares["peakEwma"] ?? 1) < 0.1, "where answers come fast");
});

/** The ledger of at least `count` requests, sent as fast as answers come. */
async function answersOf(
  t: Test,
  port: number,
  { connections, count }: { connections: number; count: number },
): Promise<LedgerEntry[]> {
  const load = await startLoad(t, {
    port,
    connections,
    ratePerSecond: 0,
    tag: `to-${port}`,
    requests: [{}],
  });
  const ledger: LedgerEntry[] = [];
  await until(
    `${count} requests are answered`,
    async () => {
      ledger.push(...(await load.phase()).ledger);
      return ledger.length >= count;
    },
    60_000,
  );
  ledger.push(...(await load.stop()).ledger);
  return ledger;
}

function valuesOf(head: string, name: string): string[] {
  return [...head.matchAll(new RegExp(`^${name}: (.*)\r$`, "gim"))].map(([, value]) => value ?? "");
}

function matchingMesh(edge: number, port: number): string {
  const rule = (name: string, match: string): string => `
    - matches: [{ ${match} }]
      filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: X-Rule, value: ${name} }] } }]
      backendRefs: [{ name: web, port: 80 }]`;
  return `mesh: matching
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { port: 80, endpoints: ["127.0.0.1:${port}"] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: matching }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:${rule("rest", "path: { type: PathPrefix, value: / }")}${rule("prefix", "path: { type: PathPrefix, value: /items }")}${rule(
    "longer",
    "path: { type: PathPrefix, value: /items/7/parts }",
  )}${rule("exact", "path: { type: Exact, value: /items/exact }")}${rule(
    "method",
    "path: { type: PathPrefix, value: /items }, method: DELETE",
  )}${rule("header", "path: { type: PathPrefix, value: /items }, headers: [{ name: x-group, value: beta }]")}${rule(
    "pattern",
    'path: { type: RegularExpression, value: "/items/[0-9]{2,}" }',
  )}${rule("query", 'path: { value: /items }, queryParams: [{ name: sort, value: "up ward" }]')}${rule(
    "page",
    'path: { value: /items }, queryParams: [{ type: RegularExpression, name: page, value: "[0-9]+" }]',
  )}${rule(
    "version",
    'path: { value: /items }, headers: [{ type: RegularExpression, name: x-version, value: "2[.][0-9]+" }]',
  )}
    - matches: [{ path: { type: Exact, value: /edit } }]
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier: { set: [{ name: X-Set, value: new }], add: [{ name: X-Add, value: two }], remove: [X-Gone] }
        - type: ResponseHeaderModifier
          responseHeaderModifier: { set: [{ name: X-Served-By, value: heddle }], remove: [Server] }
      backendRefs: [{ name: web, port: 80 }]
`;
}

function weightedMesh(edge: number, one: number, two: number): string {
  return `mesh: weighted
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: one }
services:
  one: { port: 80, endpoints: ["127.0.0.1:${one}"] }
  two: { port: 80, endpoints: ["127.0.0.1:${two}"] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: weighted }
spec:
  parentRefs: [{ group: "", kind: Service, name: one }]
  rules:
    - backendRefs: [{ name: one, port: 80, weight: 90 }, { name: two, port: 80, weight: 10 }]
`;
}

function balancedMesh(
  edges: { robin: number; least: number; ewma: number },
  endpoints: readonly number[],
): string {
  const list = endpoints.map((port) => `"127.0.0.1:${port}"`).join(", ");
  return `mesh: balanced
listeners:
  - { name: robin, address: "127.0.0.1:${edges.robin}", protocol: http, service: robin }
  - { name: least, address: "127.0.0.1:${edges.least}", protocol: http, service: least }
  - { name: ewma, address: "127.0.0.1:${edges.ewma}", protocol: http, service: ewma }
services:
  robin: { endpoints: [${list}], balancer: roundRobin }
  least: { endpoints: [${list}], balancer: leastRequest }
  ewma: { endpoints: [${list}] }
`;
}
