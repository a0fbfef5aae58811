// What a person wants to see of each service over a window: success, rate, latency percentiles, open connections.
// The window is the difference of two readings; a missing first reading means since the start.
import type { Cell, DurationHistogram, Stats } from "../api/index.ts";
import { mergeDurations, percentileNs, subtractDurations } from "./duration-histogram.ts";

export interface ServiceSummary {
  name: string;
  protocol: "http" | "tcp";
  /** Requests in the window, or connections for tcp. */
  count: number;
  /** Share of requests that ended with a status below 500; undefined without traffic. */
  successRatio: number | undefined;
  perSecond: number;
  p50Ns: number | undefined;
  p95Ns: number | undefined;
  p99Ns: number | undefined;
  p999Ns: number | undefined;
  /** Endpoints that are tested and those of them that pass; undefined where none are tested. */
  health: { healthy: number; tested: number } | undefined;
  /** Open now, downstream of the service. */
  connections: number;
  receivedBytesPerSecond: number;
  sentBytesPerSecond: number;
}

export function summarizeServices(
  later: Stats,
  earlier: Stats | undefined,
  windowMs: number,
): ServiceSummary[] {
  const before = new Map((earlier?.cells ?? []).map((cell) => [keyOf(cell), cell]));
  const groups = new Map<string, Pairs>();
  for (const now of later.cells) {
    const group = groups.get(now.service) ?? [];
    group.push({ now, past: before.get(keyOf(now)) });
    groups.set(now.service, group);
  }
  return [...groups].map(([name, pairs]) => ({
    ...summarize(pairs, Math.max(1, windowMs) / 1_000),
    health: healthOf(name, later),
  }));
}

type Pairs = { now: Cell; past: Cell | undefined }[];

function healthOf(name: string, { health }: Stats): ServiceSummary["health"] {
  const endpoints = health.find(({ service }) => service === name)?.endpoints;
  if (endpoints === undefined) return undefined;
  const healthy = endpoints.filter(({ state }) => state === "healthy").length;
  return { healthy, tested: endpoints.length };
}

function summarize(pairs: Pairs, windowSeconds: number): Omit<ServiceSummary, "health"> {
  const first = pairs[0]?.now;
  const protocol = first?.protocol ?? "http";
  const total = growth(pairs, requestCount);
  const count = protocol === "http" ? total : growth(pairs, (cell) => cell.connectionsOpened);
  const durations = mergeDurations(
    pairs.map(({ now, past }) => subtractDurations(allClasses(now), allClasses(past))),
  );
  return {
    name: first?.service ?? "",
    protocol,
    count,
    successRatio: total === 0 ? undefined : growth(pairs, successCount) / total,
    perSecond: count / windowSeconds,
    p50Ns: percentileNs(durations, 0.5),
    p95Ns: percentileNs(durations, 0.95),
    p99Ns: percentileNs(durations, 0.99),
    p999Ns: percentileNs(durations, 0.999),
    connections: sum(pairs.map(({ now }) => now.connectionsOpened - now.connectionsClosed)),
    receivedBytesPerSecond: growth(pairs, (cell) => cell.receivedBytes) / windowSeconds,
    sentBytesPerSecond: growth(pairs, (cell) => cell.sentBytes) / windowSeconds,
  };
}

function requestCount(cell: Cell): number {
  return sum(cell.requests.map(({ count }) => count));
}

function successCount(cell: Cell): number {
  return sum(cell.requests.filter(({ status }) => status < 500).map(({ count }) => count));
}

function growth(pairs: Pairs, read: (cell: Cell) => number): number {
  return sum(pairs.map(({ now, past }) => read(now) - (past === undefined ? 0 : read(past))));
}

function allClasses(cell: Cell | undefined): DurationHistogram {
  return mergeDurations(cell?.duration ?? []);
}

function keyOf(cell: Cell): string {
  return `${cell.listener} ${cell.source} ${cell.service}`;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
