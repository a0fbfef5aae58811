// Routes to parts of a service: the endpoints of a file are told apart by their labels, and when a program writes other
// labels the parts follow, without a change of any route.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePorts } from "../support/free-ports.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startOrigin } from "../support/start-origin.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

scenario("a route sends a group of requests to the endpoints with a label", async (t) => {
  const [edge = 0, ...ports] = await freePorts(4);
  const [one = 0, two = 0, three = 0] = ports;
  await startOrigin(t, ports);
  const folder = await temporaryFolder(t);
  const list = join(folder, "web.yaml");
  await writeFile(join(folder, "mesh.yaml"), meshText(edge));
  await writeFile(list, listOf({ v1: [one, two], v2: [three] }));
  const agent = await startAgent(t, { mesh: "", folder });
  t.strictSame(await answeredBy(edge, {}), new Set([one, two]));
  t.strictSame(await answeredBy(edge, { "x-group": "beta" }), new Set([three]));

  await writeFile(list, listOf({ v1: [one], v2: [two, three] }));
  await until("the labels are in force", async () => (await agent.stats()).endpointsVersion === 2);
  t.strictSame(await answeredBy(edge, {}), new Set([one]));
  t.strictSame(await answeredBy(edge, { "x-group": "beta" }), new Set([two, three]));

  await writeFile(list, listOf({ v1: [one, two, three], v2: [] }));
  await until("the labels are in force", async () => (await agent.stats()).endpointsVersion === 3);
  t.match(agent.stderr, "the Service 'web-v2' selects no endpoint");
  const { status } = await fetch(`http://127.0.0.1:${edge}/`, { headers: { "x-group": "beta" } });
  t.equal(status, 503, "a part without endpoints keeps its requests");
  t.equal((await agent.stats()).configurationVersion, 1, "no route was changed");
});

/** Ports that answered some requests. */
async function answeredBy(edge: number, headers: Record<string, string>): Promise<Set<number>> {
  const ports = new Set<number>();
  for (let sent = 0; sent < 20; sent += 1) {
    const response = await fetch(`http://127.0.0.1:${edge}/`, { headers });
    ports.add(Number(response.headers.get("x-endpoint")));
  }
  return ports;
}

function meshText(edge: number): string {
  const part = (version: string): string => `apiVersion: v1
kind: Service
metadata: { name: web-${version} }
spec: { selector: { app: web, version: ${version} } }
`;
  return `mesh: parts
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpointsFile: web.yaml, balancer: roundRobin }
---
${part("v1")}---
${part("v2")}---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: groups }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - matches: [{ headers: [{ name: x-group, value: beta }] }]
      backendRefs: [{ name: web-v2 }]
    - backendRefs: [{ name: web-v1 }]
`;
}

function listOf(parts: Record<string, readonly number[]>): string {
  const lines = Object.entries(parts).flatMap(([version, ports]) =>
    ports.map((port) => `  - { address: "127.0.0.1:${port}", labels: { version: ${version} } }`),
  );
  return `endpoints:\n${lines.join("\n")}\n`;
}
