// `healthCheck` of a service to a `HealthCheck`.
import type { HealthCheck, Protocol, StatusRange } from "../snapshot/index.ts";
import type { MeshDocument } from "./mesh.ts";
import { readTime } from "./read-time.ts";
import type { View } from "./view.ts";

type HealthCheckDocument = NonNullable<MeshDocument["services"][string]["healthCheck"]>;

/** Name and protocol of the service are defaults. */
export function readHealthCheck(
  pointer: string,
  document: HealthCheckDocument,
  { view, name, speaks }: { view: View<MeshDocument>; name: string; speaks: Protocol },
): HealthCheck {
  const { path, host, statuses, rise = 2, fall = 3 } = document;
  const ofRequests = { path, host, statuses };
  const asksFor = Object.values(ofRequests).some((value) => value !== undefined);
  const protocol = document.protocol ?? (asksFor ? "http" : speaks);
  const http = {
    host: host ?? name,
    path: path ?? "/",
    statuses: readStatuses(`${pointer}/statuses`, statuses ?? ["200-299"], view),
  };
  for (const [key, value] of Object.entries(ofRequests)) {
    if (protocol === "http" || value === undefined) continue;
    view.report("HED2121", {
      pointer: `${pointer}/${key}`,
      part: "key",
      message: `a test over tcp sends no request, so healthCheck.${key} would do nothing`,
      hint: "write protocol: http, or remove it",
    });
  }
  const read = (key: "interval" | "timeout", otherwiseMs: number): number =>
    readTime(
      `${pointer}/${key}`,
      { text: document[key], name: `healthCheck.${key}`, otherwiseMs, minMs: timeMsMin },
      view,
    );
  return {
    ...(protocol === "http" && { http }),
    intervalMs: read("interval", 10_000),
    timeoutMs: read("timeout", 1_000),
    rise,
    fall,
  };
}

function readStatuses(
  pointer: string,
  texts: readonly string[],
  view: View<MeshDocument>,
): StatusRange[] {
  return view.items(texts).flatMap(([index, text]) => {
    const [first = 0, last = first] = text.split("-").map(Number);
    if (first <= last) return [{ first, last }];
    view.report("HED2016", {
      pointer: `${pointer}/${index}`,
      message: `the statuses '${text}' end before they begin`,
      hint: `write ${last}-${first}`,
    });
    return [];
  });
}

/** Faster tests would be a load of their own. */
const timeMsMin = 50;
