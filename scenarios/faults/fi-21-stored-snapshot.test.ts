// FI-21: a process that starts again serves from what the one before stored, whatever became of the sources and the disk.
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Test } from "tap";
import { freePorts } from "../support/free-ports.ts";
import { KeepAliveConnection } from "../support/keep-alive-connection.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { startOrigin } from "../support/start-origin.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

scenario("FI-21 after kill -9 a new process serves without the configuration file", async (t) => {
  const { edge, folder } = await stageKilled(t);

  const next = await startAgent(t, { mesh: "", folder });

  t.match(await ask(edge), { kind: "answered", status: 200 });
  const { configurationVersion, mesh: name } = await next.status();
  t.same([configurationVersion, name], [2, "changed"]);
  await until("the missing file is reported", () => next.stderr.includes("HED2001"));
  t.match(await ask(edge), { kind: "answered", status: 200 }, "which changes nothing");
  const { mode } = await stat(storePath(folder));
  t.equal(mode & 0o777, 0o600);
});

scenario("FI-21 a torn snapshot is refused, and the one before it serves", async (t) => {
  const { edge, folder } = await stageKilled(t);
  const bytes = await readFile(storePath(folder));
  await writeFile(storePath(folder), bytes.subarray(0, bytes.length / 2));

  const next = await startAgent(t, { mesh: "", folder });

  t.match(next.stderr, /mesh\.yaml\.snapshot: its checksum is wrong/);
  t.equal((await next.status()).mesh, "stored");
  t.match(await ask(edge), { kind: "answered", status: 200 });
});

scenario("FI-21 a full and a read-only folder are reported, and traffic goes on", async (t) => {
  const { edge, mesh } = await stage(t);
  const state = join(await temporaryFolder(t), "state");
  await mkdir(state);
  const mounted = await mount(t, state);
  if (!mounted) return t.comment("this user may not mount a file system: not shown here");
  const agent = await startAgent(t, { mesh, words: ["--state", state] });
  const path = join(state, "mesh.yaml.snapshot");
  const good = await until("it is stored", () => readFile(path).catch(() => undefined));
  await writeFile(join(state, "ballast"), Buffer.alloc(1 << 20)).catch(() => undefined);

  await agent.write(mesh.replace("mesh: stored", "mesh: full"));
  await until("the full folder is reported", () => agent.stderr.includes("ENOSPC"));
  t.match(await ask(edge), { kind: "answered", status: 200 });
  await run("mount", ["-o", "remount,ro", state]);
  await agent.write(mesh.replace("mesh: stored", "mesh: readonly"));
  await until("the change is in force", async () => (await agent.status()).mesh === "readonly");

  t.match(await ask(edge), { kind: "answered", status: 200 });
  t.same(await readFile(path), good, "the snapshot that was stored before is still there");
});

interface Stage {
  edge: number;
  mesh: string;
}

async function stage(t: Test): Promise<Stage> {
  const [edge = 0, port = 0] = await freePorts(2);
  await startOrigin(t, [port]);
  const mesh = `mesh: stored
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${port}"] }
`;
  return { edge, mesh };
}

/** What is left of an agent that was killed after it had taken over a change, and then lost its configuration file. */
async function stageKilled(t: Test): Promise<{ edge: number; folder: string }> {
  const { edge, mesh } = await stage(t);
  const agent = await startAgent(t, { mesh });
  await agent.write(mesh.replace("mesh: stored", "mesh: changed"));
  await until("the change is stored", () => storedMesh(agent).then((name) => name === "changed"));
  agent.signal("SIGKILL");
  await agent.ended;
  await rm(join(agent.folder, "mesh.yaml"));
  return { edge, folder: agent.folder };
}

async function ask(port: number): Promise<unknown> {
  const connection = new KeepAliveConnection(port);
  const outcome = await connection.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  connection.close();
  return outcome;
}

async function storedMesh(agent: Agent): Promise<unknown> {
  const text = await readFile(storePath(agent.folder), "utf8").catch(() => "");
  return /"mesh":"(\w+)"/.exec(text)?.[1];
}

function storePath(folder: string): string {
  return join(folder, ".heddle", "mesh.yaml.snapshot");
}

/** A file system of 64 KiB; false where that is not allowed. */
async function mount(t: Test, folder: string): Promise<boolean> {
  try {
    await run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  } catch {
    return false;
  }
  t.teardown(() => run("umount", ["-l", folder]));
  return true;
}

const run = promisify(execFile);
