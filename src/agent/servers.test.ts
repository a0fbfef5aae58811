import { once } from "node:events";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "tap";
import {
  agentClient,
  agentSocketPath,
  findAgents,
  type AgentStatus,
  type Stats,
} from "../api/index.ts";
import { serveAdmin } from "./admin-server.ts";
import { serveHealth } from "./health-server.ts";
import { serveMetrics } from "./metrics-server.ts";

const stats: Stats = {
  shards: [],
  cells: [],
  failures: [],
  logDropped: 0,
  health: [],
  limits: [],
  memory: { budgetBytes: 0, baseBytes: 0, measuredBytes: 0 },
  configurationVersion: 4,
  endpointsVersion: 2,
};

function fetch(address: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    get(`http://${address}${path}`, { agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    }).on("error", reject);
  });
}

test("metrics are Prometheus text, and other paths are not there", async (t) => {
  const server = await serveMetrics(0, {
    stats: () => stats,
    version: "1",
    namespaceOf: () => undefined,
  });
  t.teardown(() => server.close());
  const { status, text } = await fetch(server.address, "/metrics");
  t.equal(status, 200);
  t.match(text, 'heddle_config_version{part="configuration"} 4');
  t.match(text, /process_resident_memory_bytes \d+/);
  t.equal((await fetch(server.address, "/")).status, 404);
});

test("ready is what the state says, live is always true", async (t) => {
  let state: AgentStatus["state"] = "starting";
  const server = await serveHealth(0, () => state);
  t.teardown(() => server.close());
  t.match(await fetch(server.address, "/ready"), { status: 503, text: "starting\n" });
  state = "ready";
  t.match(await fetch(server.address, "/ready"), { status: 200 });
  state = "draining";
  t.match(await fetch(server.address, "/ready"), { status: 503, text: "draining\n" });
  t.match(await fetch(server.address, "/live"), { status: 200 });
});

test("a taken port gives way to a free one", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const server = await serveHealth(port, () => "ready");
  t.teardown(() => server.close());
  t.equal(server.wanted, false);
  t.not(server.address, `127.0.0.1:${port}`);
  t.match(await fetch(server.address, "/live"), { status: 200 });
});

test("the control API answers its owner alone, and its socket goes with it", async (t) => {
  process.chdir(t.testdir());
  const status = { schemaVersion: 1, mesh: "m" } as AgentStatus;
  const server = await serveAdmin({
    stats: () => stats,
    status: () => status,
    config: () => ({ version: 4 }),
  });
  t.equal(server.path, agentSocketPath(process.pid));
  t.equal(statSync(server.path).mode & 0o777, 0o600);
  const client = agentClient(server.path);
  t.same(await client.stats(), stats);
  t.same(await client.status(), status);
  t.same(await client.config(), { version: 4 });
  server.close();
  t.notOk(existsSync(server.path));
  await t.rejects(client.stats(), { code: "HED5201" });
});

test("sockets of dead processes are removed, other files are left", async (t) => {
  process.chdir(t.testdir());
  const folder = join(".heddle", "agents");
  mkdirSync(folder, { recursive: true });
  // Above the largest pid that Linux hands out.
  const names = ["4194305.sock", `${process.pid}.sock`, "notes.txt"];
  for (const name of names) writeFileSync(join(folder, name), "");
  t.same(await findAgents(), [process.pid]);
  t.same(
    names.map((name) => existsSync(join(folder, name))),
    [false, true, true],
  );
});
