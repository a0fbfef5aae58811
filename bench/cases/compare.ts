// The shape of every paired case: the noise floor first, then the subject against each peer.
import { seededRandom } from "../../src/lib/seeded-random.ts";
import { compareSides } from "../measure/comparison.ts";
import type { Comparison } from "../measure/comparison.ts";
import type { Side } from "../measure/instance.ts";
import type { Metric } from "../measure/metrics.ts";
import type { Workload } from "../measure/workload.ts";
import { UnavailableError } from "../peers/peer.ts";
import { isInvalid, ratioTable, sideTable } from "../report/comparison-table.ts";
import type { Judged } from "../report/comparison-table.ts";
import { resultComparison, resultRuns } from "../report/result-runs.ts";
import type { Result } from "../report/result.ts";
import { judgeRatio, ratioTarget } from "../report/targets.ts";
import type { CaseInput, CaseOutcome } from "./case.ts";

export interface PairedPlan {
  workload: Workload;
  metric: Metric;
  subject: Side;
  others: Side[];
}

export async function comparePairs(input: CaseInput, plan: PairedPlan): Promise<CaseOutcome> {
  const { subject } = plan;
  const twin = { ...subject, label: `${subject.label} again` };
  const judged: Judged[] = [];
  const failures: string[] = [];
  const notes: string[] = [];
  for (const other of input.options.smoke ? plan.others : [twin, ...plan.others])
    try {
      judged.push(judgeFor(input, await compare(input, plan, other)));
    } catch (error) {
      const message = `${other.label}: ${error instanceof Error ? error.message : String(error)}`;
      (error instanceof UnavailableError ? notes : failures).push(message);
      input.say(message);
    }
  const comparisons = judged.map(({ comparison }) => comparison);
  notes.push(...comparisons.flatMap(notesOf), "Latency is of a closed loop: from sending on.");
  return {
    text: [ratioTable(judged), sideTable(comparisons, plan.metric), ...notes].join("\n\n"),
    verdicts: input.options.smoke ? [] : judged.map(({ verdict }) => verdict),
    failures: [...failures, ...comparisons.filter(isInvalid).map(errorsText)],
    result: {
      params: { ...plan.workload, metric: plan.metric.name, seed: input.options.seed },
      runs: comparisons.flatMap(resultRuns),
      comparison: judged.map(resultComparison),
      ...noiseOf(comparisons.find(({ b }) => b === twin.label)),
      ...floorOf(comparisons.find(({ b }) => b === "relay")),
      notes,
    },
  };
}

async function compare(input: CaseInput, plan: PairedPlan, other: Side): Promise<Comparison> {
  const { options, programs, say } = input;
  return compareSides({
    programs,
    workload: plan.workload,
    a: plan.subject,
    b: other,
    random: seededRandom(options.seed),
    metric: plan.metric,
    rounds: options.rounds,
    discardFirst: options.rounds > 1,
    seed: options.seed,
    say,
  });
}

/** Targets are heddle's; peers among themselves have none. */
function judgeFor(input: CaseInput, comparison: Comparison): Judged {
  const { options, subject } = input;
  const isHeddle = subject.name === "heddle";
  const target = isHeddle ? ratioTarget(options.caseName, comparison.b) : undefined;
  return { comparison, target, verdict: judgeRatio(target, comparison.interval) };
}

function noiseOf(twins: Comparison | undefined): Pick<Result, "noise"> {
  if (twins === undefined) return {};
  const { ratio, interval } = twins;
  return { noise: { aa_ratio: ratio, ci95: interval ? [interval.lo, interval.hi] : null } };
}

function floorOf(relay: Comparison | undefined): Pick<Result, "floor"> {
  return relay === undefined ? {} : { floor: { relay_us: relay.medianB } };
}

function notesOf({ a, b, blocks, disturbedBlocks }: Comparison): string[] {
  if (disturbedBlocks === 0) return [];
  const share = `${disturbedBlocks} of ${blocks.length}`;
  return [`${a} / ${b}: ${share} blocks were disturbed by steal or other programs.`];
}

function errorsText({ a, b, errors }: Comparison): string {
  const counts = Object.entries(errors).map(([name, count]) => `${name} ${count}`);
  return `${a} / ${b} is invalid: ${counts.join(", ")}`;
}
