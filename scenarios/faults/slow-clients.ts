// Slow clients beside a scenario, in a process of their own: what they cost their own program slows nobody else down.
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { connectionBytes } from "../../src/telemetry/index.ts";
import { projectRoot } from "../support/project-root.ts";
import { startProcess } from "../support/start-process.ts";

export function startSlowClients(t: Test, port: number, count: number): void {
  const program = fileURLToPath(new URL("./slow-client.js", import.meta.url));
  startProcess(t, [program, String(port), String(count)], { folder: projectRoot, channel: true });
}

/** Most that so many of them make the proxy hold, by its own formula. */
export function slowBytes(count: number): number {
  const { begun, exchange, full } = connectionBytes;
  return (count / 30) * (full + exchange + 28 * begun);
}
