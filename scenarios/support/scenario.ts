// A test with real processes: it may take longer than the default of the test runner allows.
import { t as root, test, type Test } from "tap";
import { scale } from "./scale.ts";

/** Runs after those before it; fails when it takes longer than two minutes, or half an hour in its long form. */
export function scenario(name: string, body: (t: Test) => Promise<void>): void {
  root.setTimeout(FILE_MS_MAX);
  void test(name, { timeout: SCENARIO_MS_MAX }, body);
}

const SCENARIO_MS_MAX = scale({ short: 120_000, long: 1_800_000 });
const FILE_MS_MAX = 2 * SCENARIO_MS_MAX;
