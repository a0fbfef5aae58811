// The door of the shards: start them, command them, and keep their process small.
export { compactHeap, preferSmallHeaps } from "./heap.ts";
export { beHeld, isHeld } from "./hold.ts";
export type { Native } from "./addon.ts";
export { Piscina } from "./pool.ts";
export { startShards } from "./supervisor.ts";
export type { ShardOptions, Shards } from "./supervisor.ts";
