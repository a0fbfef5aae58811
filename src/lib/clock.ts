// Time as an argument: whoever waits takes a clock, so that tests can turn its hands.

export interface Clock {
  /** Milliseconds that only grow; the zero point means nothing. */
  nowMs(): number;
  /** Resolves after the time, or at once when the signal is aborted; never rejects. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, durationMs);
      signal.addEventListener("abort", done);
    }),
};
