// Signals of an agent. SIGTERM or SIGINT: the first one drains, the second one ends the process at once. SIGHUP: the
// access log is opened anew.
import type { Agent } from "./agent.ts";

export interface ShutdownOptions {
  drainTimeoutMs: number;
  /** Called when the drain begins. */
  draining(): void;
  /** Ends the process; `process.exit` outside of tests. */
  exit(code: number): void;
}

/** Resolves with the exit code when the agent has ended; rejects when a shard fails. */
export async function untilSignalled(agent: Agent, options: ShutdownOptions): Promise<number> {
  let signals = 0;
  let lateStop: NodeJS.Timeout | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    if (signals > 1) {
      agent.stop(stopGraceMs);
      return options.exit(signal === "SIGINT" ? 130 : 143);
    }
    options.draining();
    agent.drain(options.drainTimeoutMs);
    lateStop = setTimeout(() => agent.stop(stopGraceMs), options.drainTimeoutMs + lateMs);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  const onHangUp = (): void => agent.reopenLog();
  process.on("SIGHUP", onHangUp);
  try {
    await agent.finished;
    return 0;
  } finally {
    clearTimeout(lateStop);
    process.off("SIGTERM", onSignal);
    process.off("SIGINT", onSignal);
    process.off("SIGHUP", onHangUp);
  }
}

/** The shards keep the deadline themselves; this is for the case that one does not. */
const lateMs = 1_000;
const stopGraceMs = 1_000;
