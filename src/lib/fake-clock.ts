// A clock for tests: time stands still until `advance` moves it and wakes the sleepers whose time has come.
import type { Clock } from "./clock.ts";

export class FakeClock implements Clock {
  #nowMs = 0;
  #sleepers: { atMs: number; wake: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      this.#sleepers.push({ atMs: this.#nowMs + durationMs, wake: resolve });
      signal.addEventListener("abort", () => resolve());
    });
  }

  /** Moves time forward, stops at each sleeper on the way and lets what it started run. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    await settle();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#nowMs = next.atMs;
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
      next.wake();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  #next(untilMs: number): { atMs: number; wake: () => void } | undefined {
    const due = this.#sleepers.filter((sleeper) => sleeper.atMs <= untilMs);
    return due.sort((left, right) => left.atMs - right.atMs)[0];
  }
}

/** Runs everything that is ready to run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
