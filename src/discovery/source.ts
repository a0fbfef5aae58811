// What every source of endpoints satisfies.

/** Name to IP addresses. A name that is missing has not been answered yet, one with an empty list has no address. */
export type Addresses = ReadonlyMap<string, readonly string[]>;

export interface Source {
  /** Yields all addresses at first and after each change, until the signal is aborted. Never throws. */
  watch(signal: AbortSignal): AsyncIterable<Addresses>;
}
