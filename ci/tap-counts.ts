/**
 * Counts the test points of one test file from what it printed (Test Anything Protocol, version 14).
 * Only the outermost points count: an assertion inside a test is no test.
 */

export interface Counts {
  passed: number;
  failed: number;
}

/** A file that exits with an error, ends before its plan or has no test has at least one failure. */
export function tapCounts(output: string, exitCode: number | null): Counts {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  let planned: number | undefined;
  for (const line of output.split("\n")) {
    const plan = /^1\.\.(\d+)/.exec(line);
    const point = /^(not )?ok\b(.*)$/.exec(line);
    if (plan !== null) {
      planned = Number(plan[1]);
    } else if (point !== null) {
      if (/# (?:skip|todo)\b/i.test(point[2] ?? "")) skipped += 1;
      else if (point[1] === undefined) passed += 1;
      else failed += 1;
    }
  }
  const complete = planned === passed + failed + skipped && passed + failed > 0;
  if (failed === 0 && (exitCode !== 0 || !complete)) failed = 1;
  return { passed, failed };
}

/** The line that `ci/check` reads and adds up. */
export function countLine(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed`;
}
