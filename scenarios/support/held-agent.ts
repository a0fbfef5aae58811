// An agent below `heddle-hold`, and what a load saw of it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import { freePorts } from "./free-ports.ts";
import { startAgent, type Agent } from "./start-agent.ts";
import type { LedgerEntry, Load, LoadOptions } from "./start-load.ts";
import { startOrigin } from "./start-origin.ts";
import { until } from "./until.ts";

/** Serves one origin at `edge`, and has stored its snapshot. */
export async function startHeldAgent(t: Test): Promise<{ agent: Agent; edge: number }> {
  const [edge = 0, port = 0] = await freePorts(2);
  await startOrigin(t, [port]);
  const mesh = `mesh: held
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${port}"], timeouts: { request: 0s } }
`;
  const agent = await startAgent(t, { mesh, words: ["--hold", "--drain-timeout", "5s"] });
  t.teardown(async () => {
    // A holder that is killed leaves its process running, which is what it is for.
    for (const pid of await children(agent.pid)) process.kill(pid, "SIGKILL");
  });
  await until("the snapshot is stored", () =>
    readFile(join(agent.folder, ".heddle", "mesh.yaml.snapshot")).catch(() => undefined),
  );
  return { agent, edge };
}

/** Waits until so many requests that were sent after `fromMs` are answered, and returns what became of all. */
export async function answered(load: Load, wanted: number, fromMs = 0): Promise<LedgerEntry[]> {
  const ledger: LedgerEntry[] = [];
  await until(`${wanted} requests are answered`, async () => {
    ledger.push(...(await load.phase()).ledger);
    const good = ledger.filter(({ failure, sentMs }) => failure === "" && sentMs > fromMs);
    return good.length >= wanted;
  });
  return ledger;
}

/** Process id of the one that the holder runs. */
export async function dataPlane(agent: Agent): Promise<number> {
  const [pid] = await children(agent.pid);
  if (pid === undefined) throw new Error("the holder runs no process");
  return pid;
}

export async function children(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}

/** 2,000 requests a second over connections that are kept. */
export const HELD_LOAD: Omit<LoadOptions, "port" | "tag"> = {
  connections: 64,
  ratePerSecond: 2_000,
  requests: [{ path: "/" }],
};
