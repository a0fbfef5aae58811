// Waits for a condition with a deadline: the only way in which scenarios wait.
import { setTimeout as sleep } from "node:timers/promises";

/** Resolves with the first value that is neither undefined nor false; rejects, saying `what`, when none came in time. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs: number = DEADLINE_MS,
): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain until ${what}`);
    await sleep(POLL_MS);
  }
}

/** Far above what anything here takes on a busy machine. */
const DEADLINE_MS = 20_000;
const POLL_MS = 5;
