// Size histograms in powers of two, read at the bounds that the Prometheus profiles ask for.
import type { SizeHistogram } from "../api/index.ts";

/** How many sizes are at most `boundBytes`; a bucket that the bound cuts counts by its share of whole numbers. */
export function countUpToBytes(histogram: SizeHistogram, boundBytes: number): number {
  const bound = Math.floor(boundBytes);
  let total = 0;
  for (const [log2, count] of histogram.buckets) {
    const first = log2 === 0 ? 0 : 2 ** (log2 - 1);
    const last = log2 === 0 ? 0 : 2 ** log2 - 1;
    if (first > bound) break;
    total += bound >= last ? count : Math.floor((count * (bound - first + 1)) / (last - first + 1));
  }
  return total;
}
