import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test, type Test } from "tap";

const server =
  "require('http').createServer((q, s) => s.end('hi')).listen(process.env.PORT, '127.0.0.1')";

interface Dev {
  folder: string;
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
  ended: Promise<number | null>;
}

/** Starts `heddle dev` with a mesh of two services in a folder of its own. */
async function startDev(t: Test, words: readonly string[], apiCommand = server): Promise<Dev> {
  const [edge, web, api] = await freePorts(3);
  const folder = t.testdir({
    "mesh.yaml": `mesh: dev
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { port: ${web}, run: "exec node -e \\"${server}\\"", upstreams: [api] }
  api: { port: ${api}, run: "exec node -e \\"${apiCommand}\\"" }
`,
  });
  const main = fileURLToPath(new URL("main.js", import.meta.url));
  const all = [main, "dev", "--shards", "1", "--metrics-port", "0", "--health-port", "0", ...words];
  const child = spawn(process.execPath, all, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  t.teardown(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  const ended = once(child, "close").then(([code]) => code as number | null);
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  return { folder, stdout: () => stdout, stderr: () => stderr, signal, ended };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((each) => once(each, "listening")));
  const ports = servers.map((each) => (each.address() as AddressInfo).port);
  await Promise.all(servers.map((each) => once(each.close(), "close")));
  return ports;
}

/** Commands of the processes whose working folder this is. */
function processesIn(folder: string): string[] {
  return readdirSync("/proc").filter((entry) => {
    if (!/^\d+$/.test(entry) || entry === String(process.pid)) return false;
    try {
      return readFileSync(`/proc/${entry}/environ`, "utf8").includes(`PWD=${folder}\0`);
    } catch {
      return false;
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("once proves every edge, prints graph and table, ends with 0, and leaves no process", async (t) => {
  const dev = await startDev(t, ["--once"]);
  t.equal(await dev.ended, 0, dev.stderr());
  t.match(dev.stdout(), /\(edge\) -> web .* 200 in /);
  t.match(dev.stdout(), /web -> api .* 200 in /);
  t.match(dev.stdout(), /NAME +SUCCESS/);
  t.match(dev.stdout(), /web +100\.00%/);
  t.same(processesIn(dev.folder), []);
  t.same(readdirSync(join(dev.folder, ".heddle", "agents")), []);
  t.same(readdirSync(dev.folder).sort(), [".heddle", "mesh.yaml"]);
});

test("once ends with 1 and the cause when a service does not stay up", async (t) => {
  const dev = await startDev(t, ["--once"], "throw Error('no database')");
  t.equal(await dev.ended, 1);
  t.match(dev.stderr(), "no database");
  t.match(dev.stderr(), /api:\d+ keeps ending/);
  t.same(processesIn(dev.folder), []);
});

test("a signal ends everything in order", async (t) => {
  const dev = await startDev(t, []);
  await until(() => dev.stdout().includes("ready in"));
  dev.signal("SIGTERM");
  t.equal(await dev.ended, 0);
  t.match(dev.stderr(), "stopping");
  t.same(processesIn(dev.folder), []);
});
