// `heddle limits`: the limits in force and what connections cost in memory. Nothing needs to run: the numbers are those of
// the data plane that comes with this command, and with a file those that the file sets.
import { formatDurationMs } from "../lib/duration.ts";
import {
  defaultTimeouts,
  parseResources,
  readSources,
  type Resources,
} from "../resources/index.ts";
import { connectionBytes, limitRows, memoryLadder, type LimitRow } from "../telemetry/index.ts";
import type { Invocation } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { leftTable } from "./left-table.ts";
import type { Terminal } from "./terminal.ts";
import { usableMemoryBytes } from "./usable-memory.ts";
import { byteCount, wholeNumber } from "./values.ts";

export async function run({ values, terminal }: Invocation): Promise<number> {
  const file = values["file"];
  const read =
    file === undefined ? undefined : parseResources(await readSources(file, process.stdin));
  if (read !== undefined && read.resources === undefined) {
    terminal.say(
      "nothing of these files would be applied: `heddle lint` says what is wrong in them",
    );
    return exitCode.foundErrors;
  }
  const range = { defaultValue: 0, min: 1, max: 100_000_000 };
  const connections = wholeNumber(values, "connections", range);
  const limits = rows.map((row) => ({ ...row, set: settings(row, read?.resources) }));
  const budgetBytes = byteCount(values, "memory-limit", usableMemoryBytes());
  if (values["output"] === "json") {
    terminal.out(`${JSON.stringify(object(limits, { connections, budgetBytes }), null, 2)}\n`);
  } else {
    terminal.out(limitTable(limits, read !== undefined, terminal));
    terminal.out(`\n${costTable(connections, terminal)}`);
    terminal.out(`\n${ladderTable(budgetBytes, terminal)}`);
  }
  return exitCode.ok;
}

/** A limit, with the listeners and services that set it otherwise. */
interface ShownLimit extends LimitRow {
  set: { by: string; value: number }[];
}

interface Question {
  /** 0 when nobody asked. */
  connections: number;
  budgetBytes: number;
}

function settings({ setBy, value }: LimitRow, resources: Resources | undefined): ShownLimit["set"] {
  if (setBy === undefined || resources === undefined) return [];
  const { listeners, services } = resources.mesh;
  const owners: [string, Record<string, number | undefined>][] =
    setBy.of === "listener"
      ? listeners.map(({ name, bounds }) => [name, { ...bounds }])
      : services
          .filter(({ protocol }) => [`${protocol} service`, "service"].includes(setBy.of))
          .map(({ name, timeouts }) => [name, { ...timeouts }]);
  return owners.flatMap(([by, set]) => {
    const own = set[setBy.member];
    return own === undefined || own === value ? [] : [{ by, value: own }];
  });
}

function object(limits: readonly ShownLimit[], { connections, budgetBytes }: Question): unknown {
  const costs = costCases.map(({ name, bytes }) => ({
    name,
    bytes,
    ...(connections > 0 && { totalBytes: connections * bytes }),
  }));
  const ladder = memoryLadder.map(({ permille, counted, does }) => ({
    percent: permille / 10,
    bytes: share(budgetBytes, permille),
    counted,
    does,
  }));
  return {
    schemaVersion: 1,
    limits,
    memory: { ...(connections > 0 && { connections }), connection: costs, budgetBytes, ladder },
  };
}

function limitTable(limits: readonly ShownLimit[], isOfFile: boolean, terminal: Terminal): string {
  const lines = limits.map((limit) => {
    const { name, value, unit, setBy, counted, beyond, set } = limit;
    const here = set.map((one) => `${one.by} ${formatValue(one.value, unit)}`).join(", ");
    const key = setBy === undefined ? "-" : `${setBy.key} (${setBy.of})`;
    return [
      name,
      formatValue(value, unit),
      ...(isOfFile ? [here || "-"] : []),
      key,
      counted,
      beyond,
    ];
  });
  const heads = ["LIMIT", "VALUE", ...(isOfFile ? ["HERE"] : []), "SET BY", "COUNTED AS", "BEYOND"];
  return leftTable([heads, ...lines], terminal);
}

function costTable(connections: number, terminal: Terminal): string {
  const asked = connections > 0;
  const lines = costCases.map(({ name, bytes }) => [
    name,
    formatBytes(bytes),
    ...(asked ? [formatBytes(connections * bytes)] : []),
  ]);
  const heads = ["MEMORY OF A CONNECTION", "EACH", ...(asked ? [`ALL ${connections}`] : [])];
  return `${leftTable([heads, ...lines], terminal)}${costNote}`;
}

function ladderTable(budgetBytes: number, terminal: Terminal): string {
  const lines = memoryLadder.map(({ permille, counted, does }) => [
    `${permille / 10}%`,
    formatBytes(share(budgetBytes, permille)),
    counted,
    does,
  ]);
  const heads = [`OF ${formatBytes(budgetBytes)}`, "FROM", "COUNTED AS", "THEN"];
  return `${leftTable([heads, ...lines], terminal)}A step is taken back 5% below.\n`;
}

function share(bytes: number, permille: number): number {
  return Math.floor((bytes / 1_000) * permille);
}

function formatValue(value: number, unit: LimitRow["unit"]): string {
  if (value === 0) return "none";
  if (unit === "count") return String(value);
  if (unit === "ms") return formatDurationMs(value) ?? `${value}ms`;
  return unit === "bytes" ? formatBytes(value) : `${formatBytes(value)}/s`;
}

/** At most one digit behind the point; a whole number has none. */
function formatBytes(bytes: number): string {
  const power = bytes < 1_024 ? 0 : bytes < 1_024 ** 2 ? 1 : bytes < 1_024 ** 3 ? 2 : 3;
  const amount = Math.round((bytes / 1_024 ** power) * 10) / 10;
  return `${amount}${["B", "KiB", "MiB", "GiB"][power]}`;
}

/** Those of the data plane, and those that the compiler gives it. */
const rows: readonly LimitRow[] = [
  ...limitRows,
  {
    name: "whole response",
    counted: "request",
    value: defaultTimeouts.requestMs,
    unit: "ms",
    setBy: { of: "service", member: "requestMs", key: "timeouts.request" },
    beyond: "504",
  },
  {
    name: `connecting to an endpoint (elsewhere ${formatDurationMs(defaultTimeouts.connectElsewhereMs)})`,
    counted: "connect",
    value: defaultTimeouts.connectMs,
    unit: "ms",
    setBy: { of: "service", member: "connectMs", key: "timeouts.connect" },
    beyond: "another endpoint, or 504",
  },
];

const costCases = [
  { name: "without a request", bytes: connectionBytes.idle },
  { name: "with part of a request", bytes: connectionBytes.begun },
  { name: "with a request and its response", bytes: connectionBytes.exchange },
  { name: "whose peer takes nothing", bytes: connectionBytes.full },
];

const costNote = `In all: heddle_memory_bytes{part="base"}, and for each connection one of these. Sockets of the kernel are not in it.
`;
