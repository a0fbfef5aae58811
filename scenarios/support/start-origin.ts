// Starts the origin in a process of its own and asks it for its ledger.
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { startProcess, type Running } from "./start-process.ts";
import { nextMessage } from "./next-message.ts";
import { projectRoot } from "./project-root.ts";

export interface OriginLedger {
  /** How often each request id arrived. */
  arrivals: Map<string, number>;
  /** Requests by the port they came to. */
  answered: Map<number, number>;
}

export interface Origin extends Running {
  ledger(): Promise<OriginLedger>;
}

/** Resolves when it listens on all `ports`. Those of `slow` answer so many milliseconds later. */
export async function startOrigin(
  t: Test,
  ports: readonly number[],
  slow: ReadonlyMap<number, number> = new Map(),
): Promise<Origin> {
  const addresses = ports.map((port) => ({ port, delayMs: slow.get(port) ?? 0 }));
  const program = fileURLToPath(new URL("./origin-server.js", import.meta.url));
  const options = { folder: projectRoot, channel: true };
  const running = startProcess(t, [program, JSON.stringify(addresses)], options);
  await nextMessage(running);
  const ledger = async (): Promise<OriginLedger> => {
    running.child.send("ledger");
    return (await nextMessage(running)) as OriginLedger;
  };
  return Object.assign(running, { ledger });
}
