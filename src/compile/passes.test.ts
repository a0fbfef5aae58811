import { test } from "tap";
import { seededRandom, shuffled } from "../lib/seeded-random.ts";
import { formatDiagnostics, parseResources } from "../resources/index.ts";
import type { Resources, SourceFile } from "../resources/index.ts";
import { encode } from "../snapshot/index.ts";
import { compile, compileEndpoints } from "./index.ts";
import type { CompileInput, Compiled } from "./index.ts";

const seed = 20261123;
const mesh = `mesh: shop
listeners:
  - { name: edge, address: "127.0.0.1:8080", protocol: http, service: web }
services:
  web: { port: 9001, run: "node web.js", upstreams: [api] }
  api: { port: 9100, run: "node api.js", replicas: [9101, 9102], upstreams: [db] }
  db: { protocol: tcp, endpoints: ["db.internal:5432", "10.0.0.5:5432", "[0:0::1]:5433"] }
`;

test("any order of the files gives the same bytes", (t) => {
  const routes = Array.from({ length: 30 }, (_, index) => route(`r${index % 7}-${index}`, "web"));
  const files = [mesh, ...routes].map((text, index) => ({ path: `${index}.yaml`, text }));
  const random = seededRandom(seed);
  const expected = bytesOf(files);
  for (let round = 0; round < 50; round += 1) {
    t.equal(bytesOf(shuffled(files, random)), expected, `seed ${seed}, round ${round}`);
  }
  t.end();
});

test("rules of several routes are merged on each service that they are attached to", (t) => {
  const { snapshot } = compiled(
    load(mesh, route("a", "web"), route("b", "web", "api"), route("c", "api")),
  );
  t.match(snapshot.rules, [{ route: "default/a" }, { route: "default/b" }, { route: "default/c" }]);
  t.match(snapshot.services, [
    { name: "web", rules: [0, 1] },
    { name: "api", rules: [1, 2] },
    { name: "db", rules: [] },
  ]);
  t.end();
});

test("a backend is the index of its service, and a rule carries its place", (t) => {
  const { snapshot } = compiled(load(mesh, route("a", "web")));
  const [rule] = snapshot.rules;
  t.strictSame(rule?.backends, [{ weight: 1, target: { kind: "service", service: 1 } }]);
  t.strictSame(snapshot.origins[rule?.origin ?? -1], {
    file: "1.yaml",
    line: 6,
    resource: "httproute/a",
  });
  t.end();
});

test("endpoints are local ports, replicas, and addresses with names replaced", (t) => {
  const addresses = new Map([["db.internal", ["10.0.0.9", "10.0.0.10", "10.0.0.5", "fd00::1"]]]);
  const endpoints = compileEndpoints({ resources: load(mesh), addresses, endpointsVersion: 4 });
  t.strictSame(endpoints, {
    version: 4,
    services: [
      [{ address: "127.0.0.1:9001" }],
      [{ address: "127.0.0.1:9101" }, { address: "127.0.0.1:9102" }],
      [
        { address: "10.0.0.10:5432" },
        { address: "10.0.0.5:5432" },
        { address: "10.0.0.9:5432" },
        { address: "[fd00::1]:5432" },
        { address: "[::1]:5433" },
      ],
    ],
  });
  t.end();
});

test("an endpoint carries its weight, a name hands it on, and of one address twice the first counts", (t) => {
  const resources = load(`mesh: shop
services:
  db:
    endpoints:
      - { address: "db.internal:5432", weight: 3 }
      - { address: "10.0.0.2:5432", weight: 0, labels: { zone: a } }
      - 10.0.0.1:5432
`);
  const addresses = new Map([["db.internal", ["10.0.0.1", "10.0.0.3"]]]);
  const { services } = compileEndpoints({ resources, addresses, endpointsVersion: 1 });
  t.strictSame(services, [
    [
      { address: "10.0.0.1:5432", weight: 3 },
      { address: "10.0.0.3:5432", weight: 3 },
      { address: "10.0.0.2:5432", weight: 0 },
    ],
  ]);
  t.end();
});

test("a Service object stands for the endpoints of a service that have its labels, with its settings", (t) => {
  const { snapshot } = compiled(
    load(
      `mesh: shop
services:
  web: { port: 9001 }
  api:
    balancer: roundRobin
    healthCheck: {}
    endpoints:
      - { address: "10.0.0.1:80", labels: { version: v1, zone: a } }
      - { address: "10.0.0.2:80", labels: { version: v2, zone: a }, weight: 2 }
      - { address: "10.0.0.3:80", labels: { version: v2, zone: b } }
      - 10.0.0.4:80
`,
      ...[
        ["api-v2", "app: api, version: v2"],
        ["api-v2-a", "app: api, version: v2, zone: a"],
        ["all-of-web", "app: web"],
        ["api", "app: api"],
      ].map(
        ([name, selector]) =>
          `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { selector: { ${selector} } }\n`,
      ),
    ),
  );
  const found = snapshot.services.map(({ name, balancer, healthCheck }, index) => ({
    name,
    balancer,
    host: healthCheck?.http?.host,
    endpoints: snapshot.endpoints.services[index]?.map(({ address }) => address),
  }));
  const ofApi = { balancer: "roundRobin", host: "api" };
  t.strictSame(found.slice(2), [
    { name: "api-v2", ...ofApi, endpoints: ["10.0.0.2:80", "10.0.0.3:80"] },
    { name: "api-v2-a", ...ofApi, endpoints: ["10.0.0.2:80"] },
    {
      name: "all-of-web",
      balancer: "peakEwma",
      host: undefined,
      endpoints: ["127.0.0.1:9001"],
    },
  ]);
  t.end();
});

test("a Service object that selects nothing is told, and its backend stays one", (t) => {
  const resources = load(
    mesh,
    "apiVersion: v1\nkind: Service\nmetadata: { name: old }\nspec: { selector: { app: db, version: v0 } }\n",
  );
  const { diagnostics, compiled: result } = compile(
    input(
      resources,
      new Map([
        ["web->api", 15101],
        ["api->db", 15102],
      ]),
    ),
  );
  t.match(diagnostics, [{ code: "HED2206", severity: "warn", position: { file: "1.yaml" } }]);
  t.strictSame(result?.snapshot.endpoints.services[3], []);
  t.end();
});

test("a health check has every default: what the service speaks, or a request where one is described", (t) => {
  const { services } = compiled(
    load(`mesh: shop
services:
  web: { port: 9001, healthCheck: {}, warmUp: 30s }
  db: { port: 9002, protocol: tcp, healthCheck: { interval: 2s } }
  cache: { port: 9003, protocol: tcp, healthCheck: { path: "/up?x=1", statuses: ["204"], fall: 1 } }
`),
  ).snapshot;
  const numbers = { intervalMs: 10_000, timeoutMs: 1_000, rise: 2, fall: 3 };
  const http = { host: "web", path: "/", statuses: [{ first: 200, last: 299 }] };
  t.strictSame(
    services.map(({ warmUpMs }) => warmUpMs),
    [30_000, undefined, undefined],
  );
  t.strictSame(
    services.map(({ healthCheck }) => healthCheck),
    [
      { http, ...numbers },
      { ...numbers, intervalMs: 2_000 },
      {
        http: { host: "cache", path: "/up?x=1", statuses: [{ first: 204, last: 204 }] },
        ...numbers,
        fall: 1,
      },
    ],
  );
  t.end();
});

test("SRV records become endpoints by the addresses of their hosts, of the lowest priority, by weight", (t) => {
  const resources = load(`mesh: shop
services:
  api: { endpoints: [{ address: "srv:_http._tcp.api.internal", weight: 2 }] }
`);
  const records = ["1 3 80 a.internal", "1 0 81 b.internal", "2 9 82 c.internal"];
  const addresses = new Map([
    ["srv:_http._tcp.api.internal", records],
    ["a.internal", ["10.0.0.1", "10.0.0.2"]],
    ["b.internal", ["10.0.0.3"]],
  ]);
  const all = { resources, addresses, version: 1, endpointsVersion: 1, ports: new Map() };
  t.strictSame(compileEndpoints(all).services, [
    [
      { address: "10.0.0.1:80", weight: 6 },
      { address: "10.0.0.2:80", weight: 6 },
      { address: "10.0.0.3:81", weight: 2 },
    ],
  ]);
  t.strictSame(compile(all).compiled?.names, [
    "a.internal",
    "b.internal",
    "srv:_http._tcp.api.internal",
  ]);
  const none = compile({ ...all, addresses: new Map([["srv:_http._tcp.api.internal", []]]) });
  t.match(none.diagnostics, [{ code: "HED2204" }]);
  t.end();
});

test("a name that nobody has answered yields no endpoint", (t) => {
  const resources = load(mesh);
  const endpoints = compileEndpoints({ resources, addresses: new Map(), endpointsVersion: 1 });
  t.strictSame(endpoints.services[2], [{ address: "10.0.0.5:5432" }, { address: "[::1]:5433" }]);
  t.end();
});

test("every local port of a service with a command is a workload", (t) => {
  const { workloads, names } = compiled(load(mesh));
  t.strictSame(workloads, [
    { service: "web", command: "node web.js", port: 9001, upstreams: ["api"] },
    { service: "api", command: "node api.js", port: 9101, upstreams: ["db"] },
    { service: "api", command: "node api.js", port: 9102, upstreams: ["db"] },
  ]);
  t.strictSame(names, ["db.internal"]);
  t.end();
});

test("an access log is resolved, with its sample as a number", (t) => {
  const short = compiled(load(`accessLog: { path: a.log }\n${mesh}`)).snapshot;
  t.strictSame(short.accessLog, { path: "a.log", format: "json", sample: 1 });
  const long = `accessLog: { path: a.log, format: apache, sample: 1/250 }\n${mesh}`;
  t.match(compiled(load(long)).snapshot.accessLog, { format: "apache", sample: 250 });
  t.equal(compiled(load(mesh)).snapshot.accessLog, undefined);
  t.end();
});

test("doors come first, then an outbound listener for each edge with the protocol of its target", (t) => {
  const { snapshot } = compiled(load(mesh));
  const listeners = snapshot.listeners.map(({ origin: _origin, ...listener }) => listener);
  t.strictSame(listeners, [
    { name: "edge", address: "127.0.0.1:8080", protocol: "http", service: 0 },
    {
      name: "web->api",
      address: "127.0.0.1:15101",
      protocol: "http",
      source: "web",
      service: 1,
      errors: "full",
      requestId: "keep",
    },
    {
      name: "api->db",
      address: "127.0.0.1:15102",
      protocol: "tcp",
      source: "api",
      service: 2,
      errors: "full",
      requestId: "keep",
    },
  ]);
  t.end();
});

test("an outbound listener on a port that is taken is refused by code", (t) => {
  const ports = new Map([
    ["web->api", 8080],
    ["api->db", 9102],
  ]);
  const result = compile(input(load(mesh), ports));
  t.equal(result.compiled, undefined);
  t.match(result.diagnostics, [
    { code: "HED2111", position: { file: "0.yaml", line: 5 } },
    { code: "HED2111", position: { file: "0.yaml", line: 6 } },
  ]);
  t.end();
});

test("an edge without a port is our own mistake", (t) => {
  t.throws(() => compile(input(load(mesh), new Map())), /invariant broken: the edge web->api/);
  t.end();
});

function route(name: string, ...parents: string[]): string {
  const refs = parents.map((parent) => `{ group: "", kind: Service, name: ${parent} }`);
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [${refs.join(", ")}]
  rules: [{ matches: [{ path: { value: /${name} } }], backendRefs: [{ name: api }] }]
`;
}

function load(...texts: string[]): Resources {
  return loadFiles(texts.map((text, index) => ({ path: `${index}.yaml`, text })));
}

function loadFiles(files: readonly SourceFile[]): Resources {
  const { resources, diagnostics } = parseResources(files);
  if (resources === undefined) throw new Error(formatDiagnostics(diagnostics));
  return resources;
}

function input(resources: Resources, ports: ReadonlyMap<string, number>): CompileInput {
  const addresses = new Map([["db.internal", ["10.0.0.6"]]]);
  return { resources, ports, addresses, version: 1, endpointsVersion: 1 };
}

function compiled(resources: Resources): Compiled {
  const ports = new Map([
    ["web->api", 15101],
    ["api->db", 15102],
  ]);
  const result = compile(input(resources, ports));
  if (result.compiled === undefined) throw new Error(formatDiagnostics(result.diagnostics));
  return result.compiled;
}

function bytesOf(files: readonly SourceFile[]): string {
  return Buffer.from(encode(compiled(loadFiles(files)).snapshot)).toString();
}
