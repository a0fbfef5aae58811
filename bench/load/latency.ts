// Latencies of several slices as one: histograms decoded, added and read.
import { decodeFromCompressedBase64 } from "hdr-histogram-js";

/** Microseconds. */
export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

/** Percentiles over all the histograms together (HdrHistogram V2, base64, nanoseconds). */
export function mergedPercentiles(histograms: readonly string[]): Percentiles | undefined {
  const [first, ...others] = histograms.map((text) => decodeFromCompressedBase64(text, 64));
  if (first === undefined) return undefined;
  for (const other of others) first.add(other);
  const at = (percentile: number): number => first.getValueAtPercentile(percentile) / 1_000;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: first.maxValue / 1_000 };
}
