// The end of every fault scenario: the ledger is joined, each invariant is a test point, and the outcomes are told.
import type { Test } from "tap";
import { check } from "../ledger/check.ts";
import type { LedgerRun } from "../ledger/ledger-run.ts";
import { isByProxy, type Outcome, type RunRecord } from "../ledger/record.ts";

export async function expectClean(t: Test, run: LedgerRun): Promise<RunRecord> {
  const record = await run.end();
  for (const { id, rule, violations } of check(record))
    t.strictSame(violations.slice(0, 3), [], `${id}: ${rule}`);
  t.comment(describeOutcomes(record));
  return record;
}

/** `200`, `502 of the proxy`, `truncated`, `failed`. */
export function nameOf(outcome: Outcome): string {
  if (outcome.kind !== "answered") return outcome.kind;
  return `${outcome.status}${isByProxy(outcome.fields) ? " of the proxy" : ""}`;
}

function describeOutcomes({ finished }: RunRecord): string {
  const counts = new Map<string, number>();
  for (const { outcome } of finished)
    counts.set(nameOf(outcome), (counts.get(nameOf(outcome)) ?? 0) + 1);
  const parts = [...counts].map(([name, count]) => `${name} ${count}`);
  return `${finished.length} requests: ${parts.join(", ")}`;
}
