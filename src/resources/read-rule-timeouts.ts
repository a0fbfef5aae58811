// The timeouts of a rule (GEP-1742): the whole request, and one attempt of it.
import { parseDurationMs } from "../lib/duration.ts";
import type { HttpRouteDocument } from "./http-route.ts";
import type { RuleTimeouts } from "./resources.ts";
import type { View } from "./view.ts";

type RuleDocument = NonNullable<HttpRouteDocument["spec"]["rules"]>[number];

export function readRuleTimeouts(
  pointer: string,
  { timeouts = {} }: RuleDocument,
  view: View<HttpRouteDocument>,
): RuleTimeouts {
  const read = (key: "request" | "backendRequest"): number | undefined => {
    const durationMs = parseDurationMs(timeouts[key] ?? "");
    if (durationMs === undefined || durationMs <= timeoutMsMax) return durationMs;
    view.report("HED2016", {
      pointer: `${pointer}/${key}`,
      message: `timeouts.${key} must be at most ${timeoutMsMax / 3_600_000}h, found ${timeouts[key]}`,
      hint: "write 0s for no limit",
    });
    return undefined;
  };
  const requestMs = read("request");
  const backendRequestMs = read("backendRequest");
  if (requestMs && backendRequestMs !== undefined && backendRequestMs > requestMs) {
    view.report("HED2133", {
      pointer: `${pointer}/backendRequest`,
      message: `timeouts.backendRequest (${timeouts.backendRequest}) is longer than timeouts.request (${timeouts.request})`,
      hint: `write at most ${timeouts.request}, or remove it`,
    });
  }
  return {
    ...(requestMs !== undefined && { requestMs }),
    ...(backendRequestMs !== undefined && { backendRequestMs }),
  };
}

/** A month; the data plane counts milliseconds in 32 bits. */
const timeoutMsMax = 31 * 24 * 3_600_000;
