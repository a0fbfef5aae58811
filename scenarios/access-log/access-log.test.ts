// The access log of an agent: one line for each exchange, failures always, and a file that may be moved away.
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { freePorts } from "../support/free-ports.ts";
import { metricSum } from "../support/metric-sum.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startOrigin } from "../support/start-origin.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";
import { until } from "../support/until.ts";

scenario("every exchange is one line of JSON, and lines follow the path", async (t) => {
  const [edge = 0, port = 0, unused = 0] = await freePorts(3);
  await startOrigin(t, [port]);
  const agent = await startAgent(t, { mesh: meshText(edge, { port, unused, sample: "1/1" }) });
  const ask = async (path: string): Promise<string> => {
    const headers = { "user-agent": String.raw`a "quoted\ agent` };
    const answer = await fetch(`http://127.0.0.1:${edge}${path}`, { headers });
    await answer.text();
    return answer.headers.get("x-request-id") ?? "";
  };
  const line = (file: string, id: string): Promise<Record<string, unknown>> =>
    until(`a line of ${id} is in ${file}`, async () =>
      (await linesOf(join(agent.folder, file))).find(({ request_id }) => request_id === id),
    );

  const good = await ask("/a?b=%22");
  t.match(await line("access.log", good), {
    method: "GET",
    path: "/a?b=%22",
    protocol: "HTTP/1.1",
    response_code: 200,
    response_flags: "-",
    response_code_details: "via_upstream",
    bytes_received: 0,
    user_agent: String.raw`a "quoted\ agent`,
    authority: `127.0.0.1:${edge}`,
    upstream_host: `127.0.0.1:${port}`,
    upstream_cluster: "web",
    downstream_local_address: `127.0.0.1:${edge}`,
    downstream_remote_address: /^127\.0\.0\.1:\d+$/,
    route_name: "default/split",
    error: null,
    attempts: 1,
  });
  const refused = await ask("/refused");
  t.match(await line("access.log", refused), {
    response_code: 503,
    response_flags: "UF",
    error: "connection_refused",
    upstream_host: `127.0.0.1:${unused}`,
  });

  await rename(join(agent.folder, "access.log"), join(agent.folder, "moved.log"));
  agent.signal("SIGHUP");
  const signalled = await line("access.log", await ask("/signalled"));
  t.equal(signalled["path"], "/signalled");
  await rename(join(agent.folder, "access.log"), join(agent.folder, "moved-again.log"));
  const unsignalled = await until("lines go to a new file", async () => {
    const id = await ask("/unsignalled");
    return (await linesOf(join(agent.folder, "access.log"))).find(
      (found) => found["path"] === "/unsignalled" && id !== "",
    );
  });
  t.equal(unsignalled["response_code"], 200);
  t.equal((await linesOf(join(agent.folder, "moved.log"))).length, 2);
  t.equal(metricSum(await agent.metrics(), "heddle_log_dropped_total", {}), 0);
});

scenario("a sample leaves out good exchanges only, and the end loses no line", async (t) => {
  const [edge = 0, port = 0, unused = 0] = await freePorts(3);
  await startOrigin(t, [port]);
  const mesh = meshText(edge, { port, unused, sample: "1/10" });
  const agent = await startAgent(t, { mesh, shards: 1 });
  const paths = Array.from({ length: 100 }, (_, index) => (index % 5 === 0 ? "/refused" : "/"));
  for (const path of paths) await (await fetch(`http://127.0.0.1:${edge}${path}`)).text();
  agent.signal("SIGTERM");
  t.equal(await agent.ended, 0);

  const lines = await linesOf(join(agent.folder, "access.log"));
  t.equal(lines.filter(({ path }) => path === "/refused").length, 20);
  t.equal(lines.filter(({ path }) => path === "/").length, 8);
});

scenario("a relayed connection is one line, with its bytes and how it ended", async (t) => {
  const [sql = 0, unused = 0, gone = 0] = await freePorts(3);
  const origin = await startRawOrigin(t);
  const agent = await startAgent(t, {
    mesh: `mesh: logged
accessLog: { path: access.log }
listeners:
  - { name: sql, address: "127.0.0.1:${sql}", protocol: tcp, service: db }
  - { name: gone, address: "127.0.0.1:${gone}", protocol: tcp, service: nobody }
services:
  db: { protocol: tcp, endpoints: ["127.0.0.1:${origin.port}"] }
  nobody: { protocol: tcp, endpoints: ["127.0.0.1:${unused}"] }
`,
  });
  const line = (service: string, error: string | null): Promise<Record<string, unknown>> =>
    until(`a line of ${service} is there`, async () =>
      (await linesOf(join(agent.folder, "access.log"))).find(
        (found) => found["upstream_cluster"] === service && found["error"] === error,
      ),
    );

  const client = RawPeer.connect(t, sql).send("query");
  const server = await origin.next();
  await server.received("query");
  server.send("the rows").finish();
  await client.received("the rows");
  client.finish();
  t.match(await line("db", null), {
    method: null,
    protocol: null,
    response_code: 0,
    bytes_received: 5,
    bytes_sent: 8,
    upstream_host: `127.0.0.1:${origin.port}`,
    downstream_local_address: `127.0.0.1:${sql}`,
    downstream_remote_address: /^127\.0\.0\.1:\d+$/,
    attempts: 1,
    connect_us: Number,
  });

  const broken = RawPeer.connect(t, sql).send("x");
  await (await origin.next()).received("x");
  broken.reset();
  t.match(await line("db", "downstream_gone"), { response_flags: "DC", bytes_received: 1 });

  await RawPeer.connect(t, gone).ended();
  t.match(await line("nobody", "connection_refused"), {
    response_flags: "UF",
    upstream_host: `127.0.0.1:${unused}`,
    connect_us: null,
  });
});

async function linesOf(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function meshText(
  edge: number,
  { port, unused, sample }: { port: number; unused: number; sample: string },
): string {
  return `mesh: logged
accessLog: { path: access.log, sample: ${sample} }
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { port: 80, endpoints: ["127.0.0.1:${port}"] }
  refusing: { port: 80, endpoints: ["127.0.0.1:${unused}"] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: split }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - { matches: [{ path: { type: Exact, value: /refused } }], backendRefs: [{ name: refusing, port: 80 }] }
    - { backendRefs: [{ name: web, port: 80 }] }
`;
}
