import { test } from "tap";
import type { ServiceSummary } from "../telemetry/index.ts";
import { formatLatency, statTable } from "./stat-table.ts";
import { createTerminal } from "./terminal.ts";

const terminal = createTerminal("never", { LANG: "C.UTF-8" });

const row: ServiceSummary = {
  name: "web",
  protocol: "http",
  count: 100,
  successRatio: 0.999_99,
  perSecond: 812.4,
  p50Ns: 412_000,
  p95Ns: 1_100_000,
  p99Ns: 31_240_000,
  p999Ns: 1_204_000_000,
  health: undefined,
  connections: 16,
  receivedBytesPerSecond: 1_500,
  sentBytesPerSecond: 20,
};

test("columns are aligned, the name to the left and numbers to the right", (t) => {
  const idle = {
    ...row,
    name: "a-long-name",
    successRatio: undefined,
    p50Ns: undefined,
    perSecond: 0,
  };
  t.equal(
    statTable([row, idle], false, terminal),
    [
      "NAME         SUCCESS    RPS    P50    P95     P99   P99.9  CONN",
      "web           99.99%  812.4  412µs  1.1ms  31.2ms  1.204s    16",
      "a-long-name        -    0.0      -  1.1ms  31.2ms  1.204s    16",
      "",
    ].join("\n"),
  );
  t.end();
});

test("wide adds protocol and bytes", (t) => {
  const [head, line] = statTable([row], true, terminal).split("\n");
  t.match(head, /PROTOCOL {2}READ\/SEC {2}WRITE\/SEC$/);
  t.match(line, /http {5}1\.5kB {8}20B$/);
  t.end();
});

test("where a service has a health check, endpoints that pass are shown", (t) => {
  const tested = { ...row, name: "api", health: { healthy: 2, tested: 3 } };
  const lines = statTable([row, tested], false, terminal).split("\n");
  t.strictSame(
    lines.slice(0, 3).map((line) => line.slice(-10)),
    ["  CONN   UP", "    16    -", "    16  2/3"].map((line) => line.slice(-10)),
  );
  t.end();
});

test("without UTF-8 the micro sign is written in ASCII", (t) => {
  t.match(statTable([row], false, createTerminal("never", { LANG: "C" })), "412us");
  t.end();
});

test("latencies keep their unit across its edges", (t) => {
  const edges = [0, 999_000, 999_600, 1_000_000, 999_900_000, 999_960_000];
  t.same(
    edges.map((ns) => formatLatency(ns, "us")),
    ["0us", "999us", "1.0ms", "1.0ms", "999.9ms", "1.000s"],
  );
  t.end();
});

test("one failure among a million requests is not 100 %", (t) => {
  t.match(statTable([{ ...row, successRatio: 0.999_999 }], false, terminal), "99.99%");
  t.match(statTable([{ ...row, successRatio: 1 }], false, terminal), "100.00%");
  t.end();
});
