// Two sides compared over blocks: the ratio of a metric with its confidence interval.
import { pairedLogRatios } from "../statistics/log-ratio.ts";
import { ratioOf } from "../statistics/bootstrap.ts";
import type { Interval } from "../statistics/bootstrap.ts";
import { median } from "../statistics/median.ts";
import { blocksToJudge, isDisturbed, pairsOf, runBlock } from "./block.ts";
import type { Block, BlockPlan } from "./block.ts";
import type { Metric } from "./metrics.ts";
import type { Slice } from "./slice.ts";

export interface Comparison {
  a: string;
  b: string;
  metric: Metric;
  blocks: Block[];
  medianA: number;
  medianB: number;
  /** a / b; below 1 the first side is cheaper. */
  ratio: number;
  interval: Interval | undefined;
  pairCount: number;
  disturbedBlocks: number;
  /** Errors of all slices by side and name. Any error makes the comparison invalid. */
  errors: Record<string, number>;
}

export interface ComparisonPlan extends BlockPlan {
  metric: Metric;
  rounds: number;
  /** Runs one more block first and throws it away. */
  discardFirst: boolean;
  seed: number;
  say(line: string): void;
}

export async function compareSides(plan: ComparisonPlan): Promise<Comparison> {
  const blocks: Block[] = [];
  if (plan.discardFirst) await runBlock(plan);
  for (let round = 1; round <= plan.rounds; round++) {
    const block = await runBlock(plan);
    blocks.push(block);
    const values = pairsOf(block, plan.metric).map(
      ([a, b]) => `${a.toFixed(2)}/${b.toFixed(2)} ${plan.metric.unit}`,
    );
    plan.say(`${plan.a.label} / ${plan.b.label} ${round}/${plan.rounds}: ${values.join("  ")}`);
  }
  return judge(plan, blocks);
}

/** The statistics of measured blocks. */
export function judge(
  plan: Pick<ComparisonPlan, "a" | "b" | "metric" | "seed">,
  blocks: Block[],
): Comparison {
  const judged = blocksToJudge(blocks);
  const pairs = judged.map((block) => pairsOf(block, plan.metric));
  const slices = judged.flatMap((block) => block.slices);
  const medianOf = (a: boolean): number =>
    median(slices.filter((each) => each.a === a).map(({ slice }) => plan.metric.of(slice)));
  return {
    a: plan.a.label,
    b: plan.b.label,
    metric: plan.metric,
    blocks,
    medianA: medianOf(true),
    medianB: medianOf(false),
    ...ratioOf(pairs.map(pairedLogRatios), { seed: plan.seed }),
    pairCount: pairs.flat().length,
    disturbedBlocks: blocks.filter(isDisturbed).length,
    errors: errorsOf(blocks.flatMap((block) => block.slices.map(({ slice }) => slice))),
  };
}

function errorsOf(slices: readonly Slice[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const { side, errors } of slices)
    for (const [name, count] of Object.entries(errors)) {
      const key = `${side}: ${name}`;
      total[key] = (total[key] ?? 0) + count;
    }
  return total;
}
