// Blocks of four slices, A B B A or B A A B, each with fresh processes.
import { startInstance, startUpstream } from "./instance.ts";
import type { Instance, Side } from "./instance.ts";
import type { Metric } from "./metrics.ts";
import { runSlice } from "./slice.ts";
import type { Slice } from "./slice.ts";
import type { LoadPrograms } from "../load/programs.ts";
import type { Workload } from "./workload.ts";

/** Slices in the order in which they ran; `a` marks those of the first side. */
export interface Block {
  slices: { a: boolean; slice: Slice }[];
}

export interface BlockPlan {
  programs: LoadPrograms;
  workload: Workload;
  a: Side;
  b: Side;
  random: () => number;
}

export async function runBlock(plan: BlockPlan): Promise<Block> {
  const { programs, workload, a, b } = plan;
  const aFirst = plan.random() < 0.5;
  const stops: (() => Promise<void>)[] = [];
  try {
    const upstream = await startUpstream(programs, workload);
    stops.push(upstream.server.stop);
    const start = async (side: Side): Promise<Instance> => {
      const instance = await startInstance(side, workload, upstream.port);
      stops.push(instance.stop);
      return instance;
    };
    const sides = { a: await start(a), b: await start(b) };
    const bench = { programs, upstream, workload };
    const block: Block = { slices: [] };
    // One unmeasured slice each: code paths, pools and caches are warm before the first counts.
    const warmup = { ...workload, sliceSeconds: workload.warmupSeconds };
    await runSlice({ ...bench, workload: warmup }, sides.a);
    await runSlice({ ...bench, workload: warmup }, sides.b);
    for (const isFirst of [true, false, false, true]) {
      const isA = isFirst === aFirst;
      block.slices.push({ a: isA, slice: await runSlice(bench, isA ? sides.a : sides.b) });
    }
    return block;
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}

/** Adjacent slices of both sides: two pairs in a block. */
export function pairsOf(block: Block, metric: Metric): [a: number, b: number][] {
  const pairs: [number, number][] = [];
  for (let index = 0; index + 1 < block.slices.length; index += 2) {
    const [one, other] = block.slices.slice(index, index + 2);
    if (one === undefined || other === undefined) continue;
    const [a, b] = one.a ? [one, other] : [other, one];
    pairs.push([metric.of(a.slice), metric.of(b.slice)]);
  }
  return pairs;
}

/** The hypervisor or somebody else took a share that may show in the numbers. */
export function isDisturbed({ slices }: Block): boolean {
  return slices.some(
    ({ slice }) =>
      slice.foreignPercent > FOREIGN_PERCENT_MAX ||
      slice.cores.some((core) => core.stealPercent > STEAL_PERCENT_MAX),
  );
}

/** Blocks to judge by: the undisturbed ones, or all when too few are left for an interval. */
export function blocksToJudge(blocks: readonly Block[]): Block[] {
  const quiet = blocks.filter((block) => !isDisturbed(block));
  return quiet.length >= Math.max(2, blocks.length / 2) ? quiet : [...blocks];
}

const FOREIGN_PERCENT_MAX = 2;
const STEAL_PERCENT_MAX = 1;
