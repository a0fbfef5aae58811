// The boundary of the native addon. Seven functions, no logic on this side; bytes are JSON.

/** Makes the process-wide runtime: mailboxes, statistics. Main thread, once. `share`: bind although another process serves the same ports (restart without gap). */
export declare function open(options: { shards: number; share: boolean }): void;
/** Decodes, checks, binds new listeners, and swaps the snapshot into every shard. Throws Error with `code` and message on refusal (`HED2901` snapshot malformed, `HED2902` inconsistent, `HED5101` address in use / not bindable), leaving the last good one in force. */
export declare function publish(snapshot: Uint8Array): void;
/** The same for endpoints only (JSON of `Endpoints`). */
export declare function publishEndpoints(endpoints: Uint8Array): void;
/** Runs shard `index` on the calling worker's event loop; resolves when it has stopped. Worker thread. */
export declare function runShard(index: number): Promise<void>;
/** Closes listeners, asks downstreams to close, stops when idle or at the deadline. Returns at once. */
export declare function drain(deadlineMs: number): void;
/** Stops every shard at its next turn. Returns at once. A native watchdog thread ends the process with code 70 if a shard has not stopped `graceMs` later. */
export declare function stop(graceMs: number): void;
/** Statistics of all shards merged, as JSON bytes. */
export declare function stats(): Uint8Array;
