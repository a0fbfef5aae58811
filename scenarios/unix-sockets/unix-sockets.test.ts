// Unix domain sockets through a real agent: as doors, as endpoints, and as files.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { createServer } from "node:net";
import { once } from "node:events";
import { spawnSync } from "node:child_process";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

scenario("a mesh listens on paths and reaches endpoints by paths", async (t) => {
  const folder = await temporaryFolder(t);
  const path = (name: string): string => join(folder, name);
  const web = await startRawOrigin(t, path("web"));
  const db = await startRawOrigin(t, path("db"));
  leaveStaleSocket(path("edge"));
  const agent = await startAgent(t, { mesh: meshText(folder, "") });

  await t.test("a request and its answer pass", async (row) => {
    const client = RawPeer.connect(t, path("edge")).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    const { upstream } = await web.request();
    upstream.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    row.match(await client.received("hello"), /^HTTP\/1\.1 200 OK/);
  });
  await t.test("bytes pass, and each end by itself", async (row) => {
    const client = RawPeer.connect(t, path("sql")).send("query");
    client.finish();
    const server = await db.next();
    row.equal(await server.received("query"), "query");
    row.equal(await server.ended(), "fin");
    server.send("rows").finish();
    row.equal(await client.received("rows"), "rows");
    row.equal(await client.ended(), "fin");
  });
  await t.test("an endpoint without a listener is named by its path", async (row) => {
    const client = RawPeer.connect(t, path("lost")).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    const answer = await client.received("(HED1204)\n");
    row.match(answer, `error=connection_refused; next-hop="unix:${path("nobody")}"`);
  });
  await t.test("the door opens further when its mode says so", async (row) => {
    row.equal(modeOf(path("edge")), "600");
    await agent.write(meshText(folder, `mode: "0666", `));
    await until("the mode is applied", () => modeOf(path("edge")) === "666");
  });
  await t.test("a path that is served is refused by name", async (row) => {
    const second = startAgent(t, { mesh: meshText(folder, "") });
    await row.rejects(second, {
      message: new RegExp(`listener edge cannot listen on unix:${path("edge")}`),
    });
  });

  agent.signal("SIGTERM");
  t.equal(await agent.ended, 0);
  t.strictSame(
    ["edge", "sql", "lost"].filter((name) => existsSync(path(name))),
    [],
    "no file is left",
  );
});

scenario("all shards serve a path", async (t) => {
  const folder = await temporaryFolder(t);
  const origin = createServer((socket) => socket.pipe(socket)).listen(join(folder, "db"));
  await once(origin, "listening");
  t.teardown(() => origin.close());
  const agent = await startAgent(t, { mesh: meshText(folder, "") });
  const clients = Array.from({ length: 64 }, () => RawPeer.connect(t, join(folder, "sql")));
  await Promise.all(clients.map((client) => client.send("ping").received("ping")));
  const { shards } = await agent.stats();
  const counts = shards.map((shard) => shard.downstreamConnections);
  t.comment(`64 connections over the shards: ${counts.join(" and ")}`);
  t.equal(
    counts.reduce((sum, count) => sum + count),
    64,
  );
});

function meshText(folder: string, mode: string): string {
  return `mesh: paths
listeners:
  - { name: edge, address: "unix:${folder}/edge", ${mode}protocol: http, service: web }
  - { name: sql, address: "unix:${folder}/sql", protocol: tcp, service: db }
  - { name: lost, address: "unix:${folder}/lost", protocol: http, service: nobody, errors: full }
services:
  web: { endpoints: ["unix:${folder}/web"] }
  db: { protocol: tcp, endpoints: ["unix:${folder}/db"] }
  nobody: { endpoints: ["unix:${folder}/nobody"] }
`;
}

/** What a process leaves that was killed while it listened. */
function leaveStaleSocket(path: string): void {
  const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", program]);
  if (!existsSync(path)) throw new Error("no stale socket");
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
