// What a person reads after a run of paired slices: ratios first, then each side in numbers.
import { mergedPercentiles } from "../load/latency.ts";
import type { Comparison } from "../measure/comparison.ts";
import type { Metric } from "../measure/metrics.ts";
import type { Slice } from "../measure/slice.ts";
import { median } from "../statistics/median.ts";
import { table } from "./table.ts";
import type { Verdict } from "./targets.ts";

export interface Judged {
  comparison: Comparison;
  target: number | undefined;
  verdict: Verdict;
}

export function ratioTable(judged: readonly Judged[]): string {
  const head = ["a / b", "metric", "a", "b", "ratio", "95 % CI", "pairs", "target", "verdict"];
  const rows = judged.map(({ comparison, target, verdict }) => [
    `${comparison.a} / ${comparison.b}`,
    `${comparison.metric.name} (${comparison.metric.unit})`,
    comparison.medianA.toFixed(2),
    comparison.medianB.toFixed(2),
    comparison.ratio.toFixed(3),
    intervalText(comparison),
    String(comparison.pairCount),
    target === undefined ? "" : `<= ${target.toFixed(2)}`,
    isInvalid(comparison) ? "invalid" : verdict === "none" ? "" : verdict,
  ]);
  return table(head, rows);
}

/** One row for each side over all its slices. Latencies are of a closed loop. */
export function sideTable(comparisons: readonly Comparison[], metric: Metric): string {
  const all = comparisons
    .flatMap((each) => each.blocks.flatMap((block) => block.slices))
    .map(({ slice }) => slice);
  const sides = [...new Set(all.map(({ side }) => side))];
  const head = [
    "side",
    metric.unit,
    "user",
    "system",
    "rps",
    "p50 us",
    "p90",
    "p99",
    "p99.9",
    "max",
    "RSS MB",
    "PSS",
    "dirty",
    "switches/req",
    "core 0 %",
    "core 1 %",
    "full",
    "steal %",
  ];
  return table(
    head,
    sides.map((side) =>
      sideRow(
        side,
        all.filter((slice) => slice.side === side),
        metric,
      ),
    ),
  );
}

function sideRow(side: string, slices: readonly Slice[], metric: Metric): string[] {
  const middle = (of: (slice: Slice) => number): number => median(slices.map(of));
  const share = (part: (slice: Slice) => number): string =>
    middle(
      (slice) => (metric.of(slice) * part(slice)) / (slice.cpuNs.user + slice.cpuNs.system || 1),
    ).toFixed(2);
  const latency = mergedPercentiles(slices.map((slice) => slice.latency.hdr));
  const us = (value: number | undefined): string => (value ?? Number.NaN).toFixed(0);
  const mb = (of: (slice: Slice) => number): string => (middle(of) / 1e6).toFixed(1);
  const busy = [0, 1].map((core) => middle((slice) => slice.cores[core]?.busyPercent ?? 0));
  const steal = middle((slice) => Math.max(...slice.cores.map((core) => core.stealPercent)));
  return [
    side,
    middle(metric.of).toFixed(2),
    share((slice) => slice.cpuNs.user),
    share((slice) => slice.cpuNs.system),
    us(middle((slice) => slice.rps)),
    ...[latency?.p50, latency?.p90, latency?.p99, latency?.p999, latency?.max].map(us),
    mb((slice) => slice.memoryBytes.rss),
    mb((slice) => slice.memoryBytes.pss),
    mb((slice) => slice.memoryBytes.privateDirty),
    middle((slice) => slice.voluntarySwitches / slice.requests).toFixed(3),
    ...busy.map((percent) => percent.toFixed(0)),
    busy.flatMap((percent, core) => (percent >= FULL_PERCENT ? [String(core)] : [])).join("+") ||
      "-",
    steal.toFixed(1),
  ];
}

export function isInvalid(comparison: Comparison): boolean {
  return Object.keys(comparison.errors).length > 0;
}

function intervalText({ interval }: Comparison): string {
  return interval ? `${interval.lo.toFixed(3)} to ${interval.hi.toFixed(3)}` : "one block";
}

/** A core busier than this had no time left. */
const FULL_PERCENT = 97;
