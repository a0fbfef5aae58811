// FI-01, FI-04: the process of the data plane dies under load, below `heddle-hold`.
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Test } from "tap";
import { failuresOf } from "../support/failures-of.ts";
import { answered, dataPlane, HELD_LOAD, startHeldAgent } from "../support/held-agent.ts";
import { memoryOf } from "../support/memory-of.ts";
import { monotonicMs } from "../support/monotonic-ms.ts";
import { scenario } from "../support/scenario.ts";
import { startLoad, type LedgerEntry } from "../support/start-load.ts";

scenario("FI-01 kill -9 refuses no connection and loses what was in flight", (t) =>
  dies(t, "SIGKILL"),
);

scenario("FI-04 a native abort does the same", (t) => dies(t, "SIGABRT"));

async function dies(t: Test, signal: "SIGKILL" | "SIGABRT"): Promise<void> {
  const { agent, edge } = await startHeldAgent(t);
  const load = await startLoad(t, { ...HELD_LOAD, port: edge, tag: signal });
  const ledger = await answered(load, 500);
  const nodeMs = await startOfNodeMs();
  await rm(join(agent.folder, "mesh.yaml"));

  const killedMs = monotonicMs();
  process.kill(await dataPlane(agent), signal);
  ledger.push(...(await answered(load, 2_000, killedMs)), ...(await load.stop()).ledger);

  const failed = ledger.filter(({ failure }) => failure !== "");
  const gap = gapMs(ledger, killedMs);
  const { rssBytes } = await memoryOf(agent.pid);
  t.comment(
    `${signal}: of ${ledger.length} requests ${failed.length} in flight were lost, ${JSON.stringify(failuresOf(ledger))}`,
  );
  t.comment(
    `longest time without an answer ${gap.toFixed(0)} ms, a bare Node starts in ${nodeMs.toFixed(0)} ms, holder ${rssBytes >> 10} KiB`,
  );
  t.notOk(
    failed.some(({ failure }) => failure.includes("ECONNREFUSED")),
    "none was refused",
  );
  t.ok(failed.length <= HELD_LOAD.connections, "at most one request of each connection was lost");
  t.notOk(
    failed.some(({ sentMs }) => sentMs > killedMs + Math.max(NOTICED_MS, nodeMs)),
    "what was sent afterwards was answered",
  );
  const limitMs = Math.max(500, NODE_STARTS * nodeMs);
  t.ok(gap <= limitMs, "served again within half a second, without the configuration file");
  t.ok(rssBytes <= 3 << 20, "the holder takes 3 MB at most");
  agent.signal("SIGTERM");
  t.equal(await agent.ended, 0, "a signal is passed on, and the exit code comes back");
}

/** The longest time between two answers, from the last one before `fromMs` on. */
function gapMs(ledger: readonly LedgerEntry[], fromMs: number): number {
  const done = ledger.filter(({ failure }) => failure === "").map(({ doneMs }) => doneMs);
  const times = done.sort((one, other) => one - other);
  const gaps = times.map((time, index) => (time < fromMs ? 0 : time - (times[index - 1] ?? time)));
  return Math.max(...gaps);
}

/** Under the load of the moment: what the machine does to every process is not the proxy's. */
async function startOfNodeMs(): Promise<number> {
  const fromMs = monotonicMs();
  await promisify(execFile)(process.execPath, ["-e", "0"]);
  return monotonicMs() - fromMs;
}

/** On a machine that is free Node starts in 50 ms; on one that is not, half a second cannot be promised. */
const NODE_STARTS = 10;
/** Time in which a client may still send on a connection whose end it has not seen; more where it has to wait for a CPU. */
const NOTICED_MS = 50;
