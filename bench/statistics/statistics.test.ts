import { test } from "tap";
import { seededRandom } from "../../src/lib/seeded-random.ts";
import { ratioOf } from "./bootstrap.ts";
import { pairedLogRatios } from "./log-ratio.ts";
import { median, quantile } from "./median.ts";

/** Blocks of two pairs: costs around 10 with noise of a block and of a slice, side A shifted. */
function measured(shift: number, random: () => number): number[][] {
  const noise = (size: number): number => 1 + (random() - 0.5) * size;
  return Array.from({ length: 12 }, () => {
    const block = 10 * noise(0.2);
    const pair = (): [number, number] => [block * shift * noise(0.04), block * noise(0.04)];
    return pairedLogRatios([pair(), pair()]);
  });
}

test("the median is the middle value, or the mean of the two middle ones", (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.ok(Number.isNaN(median([])));
  t.end();
});

test("quantiles interpolate between ranks", (t) => {
  t.equal(quantile([10, 20, 30, 40, 50], 0.25), 20);
  t.equal(quantile([0, 10], 0.95), 9.5);
  t.end();
});

test("a log ratio of a half and of a double cancel out", (t) => {
  const [half = 0, double = 0] = pairedLogRatios([
    [1, 2],
    [2, 1],
  ]);
  t.equal(half + double, 0);
  t.ok(half < 0);
  t.end();
});

test("identical samples give the ratio 1 and an interval that holds 1", (t) => {
  const blocks = Array.from({ length: 6 }, (_, index) =>
    pairedLogRatios([
      [10 + index, 10 + index],
      [11 + index, 11 + index],
    ]),
  );
  t.same(ratioOf(blocks, { seed: 1 }), { ratio: 1, interval: { lo: 1, hi: 1 } });
  t.end();
});

test("the interval of noisy equal sides holds 1 about as often as it promises", (t) => {
  const random = seededRandom(7);
  const runs = Array.from({ length: 200 }, (_, seed) =>
    ratioOf(measured(1, random), { seed, resamples: 400 }),
  );
  const holding = runs.filter(({ interval }) => interval && interval.lo <= 1 && interval.hi >= 1);
  t.ok(holding.length >= 176, `${holding.length} of 200 intervals hold 1`);
  t.ok(holding.length < 200, "an interval that always holds 1 would say nothing");
  t.end();
});

test("a known shift of 10 % is found and told apart from none", (t) => {
  const { ratio, interval } = ratioOf(measured(0.9, seededRandom(3)), { seed: 1 });
  t.ok(Math.abs(ratio - 0.9) < 0.02, `ratio ${ratio}`);
  t.ok(interval && interval.lo < 0.9 + 0.02 && interval.hi < 1, "the interval lies below 1");
  t.end();
});

test("the same seed gives the same interval and one block gives none", (t) => {
  const blocks = measured(0.9, seededRandom(5));
  t.same(ratioOf(blocks, { seed: 9 }), ratioOf(blocks, { seed: 9 }));
  t.equal(ratioOf(blocks.slice(0, 1), { seed: 9 }).interval, undefined);
  t.end();
});
