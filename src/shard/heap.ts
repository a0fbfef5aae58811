// Keeps the JavaScript heaps of a proxy small. A shard's thread needs next to none, and the main thread's stops growing
// once the mesh is up, so both are collected once at that point instead of carrying what the start left behind.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ResourceLimits } from "node:worker_threads";

/** Of a shard's thread. Measured: the old generation saves 0.7 MB per thread; stack and code range save nothing. */
export const shardHeapLimits: ResourceLimits = {
  maxYoungGenerationSizeMb: 1,
  maxOldGenerationSizeMb: 8,
};

/** Before any thread is started: prefers size to speed, and gives each new thread a `gc` for its own heap. */
export function preferSmallHeaps(): void {
  setFlagsFromString("--optimize-for-size");
  setFlagsFromString("--expose-gc");
}

/** Collects the heap of the main thread. Only where `preferSmallHeaps` has run. */
export function compactHeap(): void {
  // The realm of the main thread is older than the flag and has no `gc` of its own.
  const collect = runInNewContext("gc") as () => void;
  // The first round only promotes what lives; the second one finds the young generation empty and gives it back.
  collect();
  collect();
}
