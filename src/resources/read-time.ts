// A time that has to be within bounds, as milliseconds. Its form has been checked by the schema.
import { formatDurationMs, parseDurationMs } from "../lib/duration.ts";
import type { View } from "./view.ts";

export interface Time {
  text: string | undefined;
  /** As a message names it. */
  name: string;
  otherwiseMs: number;
  minMs: number;
}

/** At most an hour. */
export function readTime(
  pointer: string,
  { text, name, otherwiseMs, minMs }: Time,
  view: View<unknown>,
): number {
  const timeMs = parseDurationMs(text ?? "");
  if (timeMs === undefined) return otherwiseMs;
  if (timeMs >= minMs && timeMs <= timeMsMax) return timeMs;
  view.report("HED2016", {
    pointer,
    message: `${name} must be from ${formatDurationMs(minMs)} to ${formatDurationMs(timeMsMax)}, found ${text}`,
    hint: "write a duration such as 5s",
  });
  return otherwiseMs;
}

const timeMsMax = 3_600_000;
