// Arithmetic on the shards' log-linear duration histograms: 32 buckets per octave, so about 3 % error at worst.
// Values below 1,024 ns fall into 32 linear buckets; from there each octave up to the 41st has 32 of its own.
import type { DurationHistogram } from "../api/index.ts";

/** Bucket of a duration; the same rule as in the shards. */
export function bucketIndex(durationNs: number): number {
  if (durationNs < linearEndNs) return Math.floor(durationNs / 32);
  const octave = Math.min(octaveMax, Math.floor(Math.log2(durationNs)));
  const sub = Math.min(31, Math.floor(durationNs / 2 ** (octave - 5)) - 32);
  return 32 + (octave - octaveMin) * 32 + sub;
}

/** Smallest duration of a bucket; that of the next index is where the bucket ends. */
export function bucketStartNs(index: number): number {
  if (index < 32) return index * 32;
  const octave = octaveMin + ((index - 32) >> 5);
  return (32 + ((index - 32) & 31)) * 2 ** (octave - 5);
}

/** Duration that a share of the values does not exceed, interpolated inside its bucket; undefined when empty. */
export function percentileNs(histogram: DurationHistogram, share: number): number | undefined {
  if (histogram.count === 0) return undefined;
  const rank = Math.max(1, share * histogram.count);
  let below = 0;
  for (const [index, count] of histogram.buckets) {
    if (below + count >= rank) {
      const startNs = bucketStartNs(index);
      return startNs + ((rank - below) / count) * (bucketStartNs(index + 1) - startNs);
    }
    below += count;
  }
  return bucketStartNs((histogram.buckets.at(-1)?.[0] ?? 0) + 1);
}

export function mergeDurations(histograms: Iterable<DurationHistogram>): DurationHistogram {
  const counts = new Map<number, number>();
  const merged: DurationHistogram = { count: 0, sumNs: 0, buckets: [] };
  for (const histogram of histograms) {
    merged.count += histogram.count;
    merged.sumNs += histogram.sumNs;
    for (const [index, count] of histogram.buckets)
      counts.set(index, (counts.get(index) ?? 0) + count);
  }
  merged.buckets = [...counts].sort(([left], [right]) => left - right);
  return merged;
}

/** What came in between two readings of the same histogram. */
export function subtractDurations(
  later: DurationHistogram,
  earlier: DurationHistogram,
): DurationHistogram {
  const before = new Map(earlier.buckets);
  const buckets = later.buckets.map(([index, count]): [number, number] => [
    index,
    count - (before.get(index) ?? 0),
  ]);
  return {
    count: later.count - earlier.count,
    sumNs: later.sumNs - earlier.sumNs,
    buckets: buckets.filter(([, count]) => count > 0),
  };
}

/** How many values are at most `boundNs`; a bucket that the bound cuts counts by the share below it. */
export function countUpToNs(histogram: DurationHistogram, boundNs: number): number {
  let total = 0;
  for (const [index, count] of histogram.buckets) {
    const startNs = bucketStartNs(index);
    if (startNs > boundNs) break;
    const endNs = bucketStartNs(index + 1);
    total +=
      boundNs >= endNs ? count : Math.floor((count * (boundNs - startNs)) / (endNs - startNs));
  }
  return total;
}

const linearEndNs = 1_024;
const octaveMin = 10;
/** About 73 minutes; longer durations are counted in the last bucket. */
const octaveMax = 41;
