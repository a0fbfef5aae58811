// What a running agent says of itself: descriptors by /proc, connections and requests by /metrics.
import { readdir } from "node:fs/promises";
import type { Agent } from "../support/start-agent.ts";
import { metricSum } from "../support/metric-sum.ts";
import { until } from "../support/until.ts";
import type { RequestCount, Usage } from "./record.ts";

export async function usageOf(agent: Agent): Promise<Usage> {
  const metrics = await agent.metrics();
  const connections = (peer: string): number => metricSum(metrics, "heddle_connections", { peer });
  return {
    descriptors: (await readdir(`/proc/${agent.pid}/fd`)).length,
    downstreamConnections: connections("downstream"),
    upstreamConnections: connections("upstream"),
  };
}

/** Once it has stayed the same for a while: an agent is ready before the last of its start is done. */
export async function settledUsageOf(agent: Agent): Promise<Usage> {
  let last = await usageOf(agent);
  let sameCount = 0;
  return until("the agent is at rest", async () => {
    const usage = await usageOf(agent);
    sameCount = usage.descriptors === last.descriptors ? sameCount + 1 : 0;
    last = usage;
    return sameCount >= SAME_READINGS && usage;
  });
}

/** Requests since the start of the agent. */
export async function requestCountsOf(agent: Agent): Promise<RequestCount[]> {
  const metrics = await agent.metrics();
  const statuses = new Set(
    [...metrics.matchAll(/^istio_requests_total\{.*response_code="(\d+)"/gm)].map(([, status]) =>
      Number(status),
    ),
  );
  return [...statuses].flatMap((status): RequestCount[] => {
    const all = metricSum(metrics, "istio_requests_total", { response_code: `${status}` });
    const own = metricSum(metrics, "heddle_request_errors_total", { status: `${status}` });
    return [
      { status, byProxy: true, count: own },
      { status, byProxy: false, count: all - own },
    ];
  });
}

const SAME_READINGS = 30;
