// The failed requests of a ledger, counted by reason.
import type { LedgerEntry } from "./start-load.ts";

export function failuresOf(ledger: readonly LedgerEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { failure } of ledger)
    if (failure !== "") counts[failure] = (counts[failure] ?? 0) + 1;
  return counts;
}
