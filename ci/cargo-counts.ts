/** Adds up the `test result:` lines of `cargo test`, one per test program. */
import type { Counts } from "./tap-counts.ts";

export function cargoCounts(output: string): Counts {
  const counts: Counts = { passed: 0, failed: 0 };
  for (const result of output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed;/gm)) {
    counts.passed += Number(result[1]);
    counts.failed += Number(result[2]);
  }
  return counts;
}
