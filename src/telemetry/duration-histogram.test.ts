import { test } from "tap";
import type { DurationHistogram } from "../api/index.ts";
import { seededRandom } from "../lib/seeded-random.ts";
import {
  bucketIndex,
  bucketStartNs,
  countUpToNs,
  mergeDurations,
  percentileNs,
  subtractDurations,
} from "./duration-histogram.ts";

function histogramOf(values: readonly number[]): DurationHistogram {
  const one = (value: number): DurationHistogram => ({
    count: 1,
    sumNs: value,
    buckets: [[bucketIndex(value), 1]],
  });
  return mergeDurations(values.map(one));
}

/** Durations over the whole range that matters, as many in each octave. */
function durations(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Math.floor(2 ** (5 + random() * 33)));
}

test("every duration lies between the start of its bucket and that of the next", (t) => {
  const outside = durations(20_000, 1).filter((value) => {
    const index = bucketIndex(value);
    return value < bucketStartNs(index) || value >= bucketStartNs(index + 1);
  });
  t.same(outside, []);
  t.end();
});

test("buckets at the seams are those of the contract", (t) => {
  const indexes = [0, 31, 32, 1_023, 1_024, 1_055, 1_056, 2_047, 2_048].map(bucketIndex);
  t.same(indexes, [0, 0, 1, 31, 32, 32, 33, 63, 64]);
  t.equal(bucketIndex(2 ** 60), 32 + 31 * 32 + 31, "what is too long falls into the last bucket");
  t.end();
});

test("percentiles agree with sorting, within the width of a bucket", (t) => {
  const values = durations(5_001, 2).sort((left, right) => left - right);
  const histogram = histogramOf(values);
  const farOff = [0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1].filter((share) => {
    const exact = values[Math.max(1, Math.ceil(share * values.length)) - 1] ?? 0;
    const estimate = percentileNs(histogram, share) ?? 0;
    return Math.abs(estimate - exact) > Math.max(32, exact / 32);
  });
  t.same(farOff, []);
  t.end();
});

test("an empty histogram has no percentile", (t) => {
  t.equal(percentileNs({ count: 0, sumNs: 0, buckets: [] }, 0.5), undefined);
  t.end();
});

test("merging and subtracting undo each other", (t) => {
  const earlier = histogramOf(durations(300, 3));
  const added = histogramOf(durations(500, 4));
  t.same(subtractDurations(mergeDurations([earlier, added]), earlier), added);
  t.end();
});

test("counts up to a bound grow with the bound and end at all", (t) => {
  const values = durations(2_000, 5);
  const histogram = histogramOf(values);
  const bounds = Array.from({ length: 80 }, (_, index) => 2 ** (index / 2));
  const counts = bounds.map((bound) => countUpToNs(histogram, bound));
  t.same(
    counts,
    counts.toSorted((left, right) => left - right),
  );
  t.equal(counts.at(-1), values.length);
  t.end();
});

test("a bound in the middle of a bucket takes the share below it", (t) => {
  const histogram: DurationHistogram = { count: 10, sumNs: 0, buckets: [[32, 10]] };
  t.equal(countUpToNs(histogram, 1_023), 0);
  t.equal(countUpToNs(histogram, 1_040), 5);
  t.equal(countUpToNs(histogram, 1_056), 10);
  t.end();
});
