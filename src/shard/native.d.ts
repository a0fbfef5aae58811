// Generated from native/binding by ci/generated. Do not edit.

/** How the process is set up. */
export interface OpenOptions {
  /** Number of shards; each needs a worker thread that calls `runShard`. */
  shards: number
  /** Bind although another process serves the same addresses, for a restart without a gap. */
  share: boolean
  /** Memory in bytes that the process may hold; connections are refused and given up before it is reached. */
  memoryBytes: number
}

/**
 * Turns this process into another program, which keeps its id: for `heddle-hold`, which starts it again below itself.
 * Returns only with an error.
 */
export declare function becomeProgram(program: string, arguments: Array<string>): void;

/** Asks every shard to finish what runs, at the latest in so many milliseconds. Returns at once. */
export declare function drain(deadlineMs: number): void;

/** True when faults of the data plane itself became too many: it drains by itself and is to be replaced. */
export declare function isFaulty(): boolean;

/** Makes the data plane of this process. Once, before anything else. */
export declare function open(options: OpenOptions): void;

/**
 * Checks a snapshot (JSON bytes), binds its new listeners and swaps it into every shard. Throws with a `code` when it
 * is refused; then the one before stays in force.
 */
export declare function publish(snapshot: Uint8Array): void;

/** The same for the endpoints part alone (JSON bytes). */
export declare function publishEndpoints(endpoints: Uint8Array): void;

/** Opens the file of the access log anew, after something moved it away. Returns at once. */
export declare function reopenLog(): void;

/** Runs a shard on the event loop of the calling worker thread; the promise settles when it is over. */
export declare function runShard(index: number): Promise<void>;

/** Statistics of all shards, merged, as JSON bytes. */
export declare function stats(): Uint8Array;

/**
 * Ends every shard at its next turn. A native watchdog ends the process with code 70 when one has not ended in so
 * many milliseconds. Returns at once.
 */
export declare function stop(graceMs: number): void;
