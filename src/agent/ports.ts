// Gives each outbound edge a loopback port: the first free one from 15101 upward, kept for as long as the edge exists.
import { createServer } from "node:net";
import type { Edge } from "../compile/index.ts";

/** The ports of the edges; those of `current` stay as they are. */
export async function allocatePorts(
  edges: readonly Edge[],
  current: ReadonlyMap<string, number>,
  isFree: (port: number) => Promise<boolean> = isFreeOnLoopback,
): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  const taken = new Set(current.values());
  let candidate = firstPort;
  for (const { source, target } of edges) {
    const key = `${source}->${target}`;
    let port = current.get(key);
    while (port === undefined) {
      if (candidate > lastPort) throw new Error(`no free port from ${firstPort} to ${lastPort}`);
      if (!taken.has(candidate) && (await isFree(candidate))) port = candidate;
      candidate += 1;
    }
    ports.set(key, port);
  }
  return ports;
}

function isFreeOnLoopback(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      probe.close(() => resolve(true)),
    );
  });
}

const firstPort = 15_101;
/** Below the range that Linux hands out for outgoing connections. */
const lastPort = 32_767;
