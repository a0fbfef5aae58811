// Confidence interval of a median of paired log ratios. Whole blocks are resampled, because the
// pairs of a block share processes and a stretch of time; the interval is the percentile one, as
// the jackknife that BCa needs does not hold for medians.
import { seededRandom } from "../../src/lib/seeded-random.ts";
import { median, quantile } from "./median.ts";

export interface Interval {
  lo: number;
  hi: number;
}

export interface BootstrapOptions {
  seed: number;
  resamples?: number;
  /** Share of resamples inside the interval. */
  confidence?: number;
}

/** Median ratio of all pairs with its interval; undefined interval when one block cannot tell. */
export function ratioOf(
  blocks: readonly (readonly number[])[],
  options: BootstrapOptions,
): { ratio: number; interval: Interval | undefined } {
  return {
    ratio: Math.exp(median(blocks.flat())),
    interval: blocks.length < 2 ? undefined : bootstrapInterval(blocks, options),
  };
}

function bootstrapInterval(
  blocks: readonly (readonly number[])[],
  options: BootstrapOptions,
): Interval {
  const random = seededRandom(options.seed);
  const medians: number[] = [];
  for (let index = 0; index < (options.resamples ?? RESAMPLES); index++) {
    const drawn = blocks.map(() => blocks[Math.floor(random() * blocks.length)] ?? []);
    medians.push(median(drawn.flat()));
  }
  const outside = 1 - (options.confidence ?? CONFIDENCE);
  return {
    lo: Math.exp(quantile(medians, outside / 2)),
    hi: Math.exp(quantile(medians, 1 - outside / 2)),
  };
}

const RESAMPLES = 10_000;
const CONFIDENCE = 0.95;
