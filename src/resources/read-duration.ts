// A time limit as milliseconds. Its form has been checked by the schema; its size is checked here.
import { parseDurationMs } from "../lib/duration.ts";
import type { MeshDocument } from "./mesh.ts";
import type { View } from "./view.ts";

/** `timeouts`: pointer of the object that holds it under `key`. Undefined when it is absent or too long. */
export function readDuration(
  timeouts: string,
  key: string,
  { text, view }: { text: string | undefined; view: View<MeshDocument> },
): number | undefined {
  const durationMs = parseDurationMs(text ?? "");
  if (durationMs === undefined || durationMs <= durationMsMax) return durationMs;
  view.report("HED2016", {
    pointer: `${timeouts}/${key}`,
    message: `timeouts.${key} must be at most ${durationMsMax / 3_600_000}h, found ${text}`,
    hint: "write 0s for no limit",
  });
  return undefined;
}

/** A month; the data plane counts milliseconds in 32 bits. */
const durationMsMax = 31 * 24 * 3_600_000;
