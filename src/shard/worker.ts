// The task that a shard's thread runs: one shard, from its start until it has stopped. Nothing else of ours runs here,
// but for an answer to pings, which shows how responsive the thread's event loop is under load. It imports nothing of
// ours: each module would cost its memory once per shard.
import { createRequire } from "node:module";
import type { MessagePort } from "node:worker_threads";
import type { Native } from "./addon.ts";

export interface ShardTask {
  index: number;
  addonPath: string;
  /** Each message that comes in is sent back. */
  pings: MessagePort;
}

export async function runShard({ index, addonPath, pings }: ShardTask): Promise<void> {
  const native = createRequire(import.meta.url)(addonPath) as Native;
  pings.on("message", (message) => pings.postMessage(message));
  pings.unref();
  // Twice, as in `compactHeap`.
  globalThis.gc?.();
  globalThis.gc?.();
  try {
    await native.runShard(index);
  } finally {
    pings.close();
  }
}
