// Ratios on the scale where twice as much and half as much are equally far from the same.

/** ln(a / b) of each pair. Both must be positive. */
export function pairedLogRatios(pairs: readonly (readonly [a: number, b: number])[]): number[] {
  return pairs.map(([a, b]) => Math.log(a / b));
}
