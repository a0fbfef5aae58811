// The task that a shard's thread runs: one shard, from its start until it has stopped. Nothing else of ours runs here,
// but for an answer to pings, which shows how responsive the thread's event loop is under load.
import type { MessagePort } from "node:worker_threads";
import { loadNative } from "./addon.ts";

export interface ShardTask {
  index: number;
  /** Each message that comes in is sent back. */
  pings: MessagePort;
}

export async function runShard({ index, pings }: ShardTask): Promise<void> {
  const native = loadNative();
  pings.on("message", (message) => pings.postMessage(message));
  pings.unref();
  globalThis.gc?.();
  try {
    await native.runShard(index);
  } finally {
    pings.close();
  }
}
