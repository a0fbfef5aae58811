// A process is replaced under load below `heddle-hold`, and when the holder does not start one again.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { failuresOf } from "../support/failures-of.ts";
import { answered, children, dataPlane, HELD_LOAD, startHeldAgent } from "../support/held-agent.ts";
import { monotonicMs } from "../support/monotonic-ms.ts";
import { projectRoot } from "../support/project-root.ts";
import { scenario } from "../support/scenario.ts";
import { startLoad } from "../support/start-load.ts";
import { until } from "../support/until.ts";

scenario("SIGUSR2 puts a new process in the place of the old, and no request fails", async (t) => {
  const { agent, edge } = await startHeldAgent(t);
  const load = await startLoad(t, { ...HELD_LOAD, port: edge, tag: "replaced" });
  const ledger = await answered(load, 500);
  const before = await dataPlane(agent);

  agent.signal("SIGUSR2");
  await until("the old process has ended", async () => {
    const pids = await children(agent.pid);
    return pids.length === 1 && !pids.includes(before);
  });
  ledger.push(...(await answered(load, 500)), ...(await load.stop()).ledger);

  t.comment(
    `replaced under load: ${ledger.length} requests, failures ${JSON.stringify(failuresOf(ledger))}`,
  );
  t.strictSame(failuresOf(ledger), {}, "no request failed");
  agent.signal("SIGTERM");
  t.equal(await agent.ended, 0);
});

scenario("a process that says that its configuration is wrong is not started again", async (t) => {
  t.equal(await held("exit 78"), 78);
});

scenario("a process that keeps dying is given up after ten starts in a minute", async (t) => {
  const fromMs = monotonicMs();
  const code = await held("kill -9 $$");
  t.comment(`given up after ${(monotonicMs() - fromMs).toFixed(0)} ms`);
  t.equal(code, 70);
});

/** Exit code of a holder of a shell script. */
function held(script: string): Promise<number> {
  const program = join(projectRoot, "native", "heddle-hold");
  return new Promise((resolve) => {
    const holder = execFile(program, ["sh", "-c", script]);
    holder.once("exit", (code) => resolve(code ?? -1));
  });
}
