// One clock for all processes of a scenario.

/** CLOCK_MONOTONIC: the same in every process of the machine, and never set back. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
