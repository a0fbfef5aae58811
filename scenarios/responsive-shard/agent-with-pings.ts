// Program: an agent that measures how long a message to the JavaScript of each shard takes, there and back. The command
// line does not offer that, so this one starts the agent itself.
import { setTimeout as sleep } from "node:timers/promises";
import { startAgent } from "../../src/agent/index.ts";
import type { PingReport } from "./responsive-shard.test.ts";

const agent = await startAgent({
  source: { target: process.argv[2] ?? "mesh.yaml" },
  shards: Number(process.argv[3]),
  share: false,
  memoryBytes: 1e12,
  metricsPort: 0,
  healthPort: 0,
  version: "scenario",
  report: () => undefined,
});
process.on("message", (durationMs) => void pingFor(Number(durationMs)));
process.once("disconnect", () => process.exit(0));
process.send?.("ready");

/** Pings every shard again and again, with a pause, and reports all round trips. */
async function pingFor(durationMs: number): Promise<void> {
  const roundTripsMs: number[] = [];
  const before = agent.stats();
  const fromMs = performance.now();
  while (performance.now() - fromMs < durationMs) {
    roundTripsMs.push(...(await agent.ping()));
    await sleep(PAUSE_MS);
  }
  const report: PingReport = {
    roundTripsMs,
    before,
    after: agent.stats(),
    seconds: (performance.now() - fromMs) / 1_000,
  };
  process.send?.(report);
}

const PAUSE_MS = 2;
