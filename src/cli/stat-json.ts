// The JSON form of `heddle stat`: snake_case keys, Linkerd's names kept, microseconds beside their milliseconds.
import type { ServiceSummary } from "../telemetry/index.ts";

export function statJson(rows: readonly ServiceSummary[], windowMs: number): string {
  return `${JSON.stringify({ schemaVersion: 1, window_ms: Math.round(windowMs), services: rows.map(entry) }, null, 2)}\n`;
}

function entry(row: ServiceSummary): Record<string, unknown> {
  return {
    name: row.name,
    protocol: row.protocol,
    success: row.successRatio ?? null,
    rps: row.perSecond,
    count: row.count,
    ...latencies("latency_ms", row, 1e6),
    ...latencies("latency_us", row, 1e3),
    endpoints_healthy: row.health?.healthy ?? null,
    endpoints_tested: row.health?.tested ?? null,
    tcp_open_connections: row.connections,
    read_bytes_per_second: row.receivedBytesPerSecond,
    write_bytes_per_second: row.sentBytesPerSecond,
  };
}

function latencies(
  prefix: string,
  row: ServiceSummary,
  unitNs: number,
): Record<string, number | null> {
  const percentiles = { p50: row.p50Ns, p95: row.p95Ns, p99: row.p99Ns, p999: row.p999Ns };
  return Object.fromEntries(
    Object.entries(percentiles).map(([name, ns]) => [
      `${prefix}_${name}`,
      ns === undefined ? null : ns / unitNs,
    ]),
  );
}
