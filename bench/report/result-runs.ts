// Slices in the form of result files: seconds, bytes and names as the schema has them.
import type { Comparison } from "../measure/comparison.ts";
import type { Slice } from "../measure/slice.ts";
import { isInvalid } from "./comparison-table.ts";
import type { Judged } from "./comparison-table.ts";
import type { ResultComparison, ResultRun } from "./result.ts";

export function resultRuns(comparison: Comparison): ResultRun[] {
  return comparison.blocks.flatMap(({ slices }, block) =>
    slices.map(({ a, slice }, index) => ({
      ...resultRun(slice),
      side: a ? "a" : "b",
      versus: comparison.b,
      slice: block * slices.length + index,
    })),
  );
}

export function resultRun(slice: Slice): ResultRun {
  const { cpuNs, memoryBytes } = slice;
  return {
    proxy: slice.side,
    started: slice.startedAt,
    seconds: slice.seconds,
    loop: "closed",
    requests: slice.requests,
    bytes: slice.bytes,
    rps_achieved: slice.rps,
    errors: slice.errors,
    latency: slice.latency,
    cpu_s: { proxy: cpuNs.proxy / 1e9, client: cpuNs.load / 1e9, server: cpuNs.upstream / 1e9 },
    cpu_user_s: cpuNs.user / 1e9,
    cpu_sys_s: cpuNs.system / 1e9,
    rss: memoryBytes.rss,
    pss: memoryBytes.pss,
    private_dirty: memoryBytes.privateDirty,
    ctx_switches: slice.voluntarySwitches,
    cores: slice.cores.map((core) => ({
      busy_pct: core.busyPercent,
      softirq_pct: core.softirqPercent,
      steal_pct: core.stealPercent,
    })),
    foreign_pct: slice.foreignPercent,
  };
}

export function resultComparison({ comparison, target, verdict }: Judged): ResultComparison {
  const { interval } = comparison;
  return {
    a: comparison.a,
    b: comparison.b,
    metric: comparison.metric.name,
    unit: comparison.metric.unit,
    better: "lower",
    median_a: comparison.medianA,
    median_b: comparison.medianB,
    ratio: comparison.ratio,
    ci95: interval ? [interval.lo, interval.hi] : null,
    target: target ?? null,
    verdict: isInvalid(comparison) ? "invalid" : verdict,
  };
}
