// Starts the load client in a process of its own. Its ledger comes in phases, so that a scenario can compare the time
// before a fault with the time of it.
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { nextMessage } from "./next-message.ts";
import { projectRoot } from "./project-root.ts";
import { startProcess, type Running } from "./start-process.ts";

export interface LoadOptions {
  port: number;
  connections: number;
  /** 0: the next request follows the answer at once. */
  ratePerSecond: number;
  /** First part of each request's id; tells clients of one scenario apart. */
  tag: string;
  /** Kinds of requests, taken in turn. */
  requests: readonly RequestKind[];
}

export interface RequestKind {
  path?: string;
  /** More header lines, each ended by CR LF. */
  head?: string;
  /** With a body it is a POST. */
  bodyBytes?: number;
}

/** One request and its one outcome; times are those of `monotonicMs`. */
export interface LedgerEntry {
  id: number;
  /** Index of its kind. */
  kind: number;
  dueMs: number;
  sentMs: number;
  doneMs: number;
  status: number;
  /** Port that answered. */
  endpoint: number;
  /** What the origin saw of the header `x-stamp`. */
  stamp: string;
  /** Empty when it was answered with 200 and its own id and body. */
  failure: string;
}

export interface LoadReport {
  fromMs: number;
  toMs: number;
  ledger: LedgerEntry[];
  /** Connections opened since the start. */
  opened: number;
  cpuSeconds: number;
}

export interface Load extends Running {
  /** Ends a phase and gives what was answered in it. */
  phase(): Promise<LoadReport>;
  /** Sends nothing more, waits for the answers, and gives the last phase. */
  stop(): Promise<LoadReport>;
}

export async function startLoad(t: Test, options: LoadOptions): Promise<Load> {
  const program = fileURLToPath(new URL("./load-client.js", import.meta.url));
  const words = [program, JSON.stringify(options)];
  const running = startProcess(t, words, { folder: projectRoot, channel: true });
  await nextMessage(running);
  const ask = async (word: "phase" | "stop"): Promise<LoadReport> => {
    running.child.send(word);
    return (await nextMessage(running)) as LoadReport;
  };
  return Object.assign(running, { phase: () => ask("phase"), stop: () => ask("stop") });
}
