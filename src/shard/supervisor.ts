// Starts the shards, one long task per piscina thread, and hands commands to them through the addon. It keeps no state
// of the traffic: what a publish, drain or stop means is decided on the native side.
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { Stats } from "../api/index.ts";
import { shardHeapLimits } from "./heap.ts";
import { addonPath, loadNative } from "./addon.ts";
import { Piscina } from "./pool.ts";
import type { ShardTask } from "./worker.ts";

export interface ShardOptions {
  shards: number;
  /** Bind although another process serves the same ports. */
  share: boolean;
  /** Memory that the process may hold. */
  memoryBytes: number;
}

export interface Shards {
  readonly count: number;
  /** Resolves when every shard has stopped; rejects when one fails. */
  readonly finished: Promise<void>;
  /** Throws an error with a code when the snapshot is refused; the last good one stays in force. */
  publish(snapshot: Uint8Array): void;
  publishEndpoints(endpoints: Uint8Array): void;
  drain(deadlineMs: number): void;
  stop(graceMs: number): void;
  stats(): Stats;
  /** Opens the file of the access log anew. */
  reopenLog(): void;
  /** Faults of the data plane itself became too many: it drains by itself, and the process is to be replaced. */
  isFaulty(): boolean;
  /** Round trip to each shard's JavaScript in milliseconds. */
  ping(): Promise<number[]>;
}

export function startShards({ shards, share, memoryBytes }: ShardOptions): Shards {
  const native = loadNative();
  native.open({ shards, share, memoryBytes });
  const pool = new Piscina({
    filename: fileURLToPath(new URL("worker.js", import.meta.url)),
    name: "runShard",
    minThreads: shards,
    maxThreads: shards,
    concurrentTasksPerWorker: 1,
    // A parked thread would not turn its event loop, and the shard lives on that loop.
    atomics: "disabled",
    recordTiming: false,
    trackUnmanagedFds: false,
    resourceLimits: shardHeapLimits,
  });
  const pingPorts: MessagePort[] = [];
  const tasks = Array.from({ length: shards }, (_, index) => {
    const { port1, port2 } = new MessageChannel();
    port1.unref();
    pingPorts.push(port1);
    const task: ShardTask = { index, addonPath: addonPath(), pings: port2 };
    return pool.run(task, { transferList: [port2] }) as Promise<void>;
  });
  const finished = Promise.all(tasks).then(async () => {
    for (const port of pingPorts) port.close();
    await pool.destroy();
  });
  const stopped = finished.then(() => Promise.reject(new Error("the shards have stopped")));
  stopped.catch(() => undefined);
  // Whoever does not wait for the end still must not die of an unhandled rejection before it can ask.
  finished.catch(() => undefined);
  return {
    count: shards,
    finished,
    publish: (snapshot) => native.publish(snapshot),
    publishEndpoints: (endpoints) => native.publishEndpoints(endpoints),
    drain: (deadlineMs) => native.drain(deadlineMs),
    stop: (graceMs) => native.stop(graceMs),
    isFaulty: () => native.isFaulty(),
    reopenLog: () => native.reopenLog(),
    stats: () => JSON.parse(Buffer.from(native.stats()).toString("utf8")) as Stats,
    ping: () => Promise.all(pingPorts.map((port) => Promise.race([roundTripMs(port), stopped]))),
  };
}

function roundTripMs(port: MessagePort): Promise<number> {
  return new Promise((resolve) => {
    const sentMs = performance.now();
    port.once("message", () => {
      port.unref();
      resolve(performance.now() - sentMs);
    });
    port.postMessage(0);
  });
}
