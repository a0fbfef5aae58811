// A listening socket that a service manager passed (sd_listen_fds(3)) is taken over: nothing else could serve its port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { freePorts } from "../support/free-ports.ts";
import { KeepAliveConnection } from "../support/keep-alive-connection.ts";
import { projectRoot } from "../support/project-root.ts";
import { scenario } from "../support/scenario.ts";
import { startOrigin } from "../support/start-origin.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

scenario("a socket from a service manager is served by every shard", async (t) => {
  const [edge = 0, port = 0, metricsPort = 0, healthPort = 0] = await freePorts(4);
  const origin = await startOrigin(t, [port]);
  const folder = await temporaryFolder(t);
  const mesh = `mesh: activated
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${port}"] }
`;
  await writeFile(join(folder, "mesh.yaml"), mesh);
  const passed = createServer();
  await once(passed.listen(edge, "127.0.0.1"), "listening");
  const main = join(projectRoot, "dist", "src", "cli", "main.js");
  const ports = ["--metrics-port", String(metricsPort), "--health-port", String(healthPort)];
  const activate = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"';
  const words = [process.execPath, main, "run", "--shards", "2", ...ports];
  const agent = spawn("sh", ["-c", activate, ...words], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe", descriptorOf(passed)],
  });
  t.teardown(() => agent.kill("SIGKILL"));
  const ended = once(agent, "exit");
  let said = "";
  agent.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  await until("the agent is ready", () => said.includes("ready: 2 shards"));
  passed.close();

  for (let round = 0; round < 20; round += 1) {
    const connection = new KeepAliveConnection(edge);
    t.match(await connection.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n"), {
      kind: "answered",
      status: 200,
    });
    connection.close();
  }

  t.equal((await origin.ledger()).answered.get(port), 20);
  agent.kill("SIGTERM");
  t.same(await ended, [0, null]);
});

/** Node has no public name for it. */
function descriptorOf(server: Server): number {
  return (server as unknown as { _handle: { fd: number } })._handle.fd;
}
