// A mailbox of one: a reader gets the newest value and never one that has been replaced since.

export class Latest<T> {
  #value: { value: T } | undefined;
  #wake: () => void = () => {};

  /** Replaces the value that waits, if any. */
  put(value: T): void {
    this.#value = { value };
    this.#wake();
  }

  /** Newest values as they come, until the signal is aborted. One reader at a time. */
  async *values(signal: AbortSignal): AsyncGenerator<T, void, undefined> {
    const wake = (): void => this.#wake();
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted) {
        const waiting = this.#value;
        this.#value = undefined;
        if (waiting !== undefined) yield waiting.value;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }
}
