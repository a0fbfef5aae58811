// The table of `heddle stat`: one row per service, columns aligned, latencies from microseconds to seconds.
import type { ServiceSummary } from "../telemetry/index.ts";
import type { Terminal } from "./terminal.ts";

export function statTable(
  rows: readonly ServiceSummary[],
  wide: boolean,
  terminal: Terminal,
): string {
  const tested = rows.some(({ health }) => health !== undefined);
  const heads = [...narrowHeads, ...(tested ? [healthHead] : []), ...(wide ? wideHeads : [])];
  const lines = rows.map((row) => [
    ...narrowCells(row, terminal),
    ...(tested ? [formatHealth(row)] : []),
    ...(wide ? wideCells(row) : []),
  ]);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const [first, ...rest] = [heads, ...lines].map((cells) => align(cells, widths));
  return [terminal.paint("bold", first ?? ""), ...rest].join("\n") + "\n";
}

/** Three to four digits and a unit: `412µs`, `1.1ms`, `31.2ms`, `1.204s`. */
export function formatLatency(latencyNs: number | undefined, micro: string): string {
  if (latencyNs === undefined) return "-";
  const us = latencyNs / 1_000;
  if (us < 999.5) return `${us.toFixed(0)}${micro}`;
  if (us < 999_950) return `${(us / 1_000).toFixed(1)}ms`;
  return `${(us / 1e6).toFixed(3)}s`;
}

function narrowCells(row: ServiceSummary, { marks }: Terminal): string[] {
  const { name, successRatio, perSecond, p50Ns, p95Ns, p99Ns, p999Ns, connections } = row;
  return [
    name,
    formatSuccess(successRatio),
    perSecond.toFixed(1),
    ...[p50Ns, p95Ns, p99Ns, p999Ns].map((latencyNs) => formatLatency(latencyNs, marks.micro)),
    String(connections),
  ];
}

/** Never rounds up to 100 %: one failure among a million has to show. */
function formatSuccess(ratio: number | undefined): string {
  if (ratio === undefined) return "-";
  return ratio === 1 ? "100.00%" : `${(Math.floor(ratio * 10_000) / 100).toFixed(2)}%`;
}

/** Healthy endpoints of those that are tested. */
function formatHealth({ health }: ServiceSummary): string {
  return health === undefined ? "-" : `${health.healthy}/${health.tested}`;
}

function wideCells(row: ServiceSummary): string[] {
  return [
    row.protocol,
    formatBytes(row.receivedBytesPerSecond),
    formatBytes(row.sentBytesPerSecond),
  ];
}

function formatBytes(bytes: number): string {
  const power = bytes < 1_000 ? 0 : bytes < 1e6 ? 1 : bytes < 1e9 ? 2 : 3;
  return `${(bytes / 1_000 ** power).toFixed(power === 0 ? 0 : 1)}${["B", "kB", "MB", "GB"][power]}`;
}

/** The name to the left, numbers to the right. */
function align(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    .join("  ")
    .trimEnd();
}

const narrowHeads = ["NAME", "SUCCESS", "RPS", "P50", "P95", "P99", "P99.9", "CONN"];
/** Shown where a service has a health check. */
const healthHead = "UP";
const wideHeads = ["PROTOCOL", "READ/SEC", "WRITE/SEC"];
