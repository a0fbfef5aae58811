// What heddle must reach, and what a measurement says about it.
import type { CaseName } from "../cases/names.ts";
import type { Interval } from "../statistics/bootstrap.ts";

export type Verdict = "pass" | "missed" | "inconclusive" | "none";

/** The largest ratio to a peer that counts as reached; none for pairs without a target. */
export function ratioTarget(caseName: CaseName, peer: string): number | undefined {
  return RATIOS[caseName]?.[peer];
}

/** Pass when the whole interval is at or under the target, missed when all of it is above. */
export function judgeRatio(target: number | undefined, interval: Interval | undefined): Verdict {
  if (target === undefined) return "none";
  if (interval === undefined) return "inconclusive";
  if (interval.hi <= target) return "pass";
  return interval.lo > target ? "missed" : "inconclusive";
}

/** Pass when a single measured value is at or under its limit. */
export function judgeLimit(limit: number | undefined, value: number): Verdict {
  if (limit === undefined) return "none";
  return value <= limit ? "pass" : "missed";
}

/** Exit code of a run: 12 when a target is missed, 11 when one is undecided. */
export function exitCodeOf(verdicts: readonly Verdict[]): number {
  if (verdicts.includes("missed")) return 12;
  return verdicts.includes("inconclusive") ? 11 : 0;
}

const RATIOS: Partial<Record<CaseName, Record<string, number>>> = {
  h1: { haproxy: 0.8, nginx: 0.85, envoy: 0.3, relay: 1.12 },
  h1x1: { nginx: 1 },
  tcp: { haproxy: 1 },
  routes: { "heddle, few routes": 1.05 },
  features: { "heddle, bare": 1.15 },
};

/** Two shards after a million requests; user memory of one idle connection; growth over another million. */
export const MEMORY_LIMITS = {
  rssBytes: 72e6,
  privateDirtyBytes: 25e6,
  idleConnectionBytes: 2_048,
  /** What counts as no growth of private dirty memory: less than this share. */
  growth: 0.02,
} as const;
