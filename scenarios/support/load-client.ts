// Program: sends tagged requests over keep-alive connections at a steady rate, or as fast as answers come, and keeps a
// ledger with exactly one outcome for each. The parent says when to begin another phase and when to end.
import { KeepAliveConnection, type Outcome } from "./keep-alive-connection.ts";
import type { LedgerEntry, LoadOptions, LoadReport } from "./start-load.ts";
import { monotonicMs } from "./monotonic-ms.ts";

const options = JSON.parse(process.argv[2] ?? "") as LoadOptions;
const idle = Array.from(
  { length: options.connections },
  () => new KeepAliveConnection(options.port),
);
const all = [...idle];
let ledger: LedgerEntry[] = [];
let phaseStartMs = monotonicMs();
let sentCount = 0;
let stopping = false;

function begin(connection: KeepAliveConnection, dueMs: number): void {
  const id = sentCount;
  sentCount += 1;
  const kind = id % options.requests.length;
  const { head = "", path = "/", bodyBytes = 0 } = options.requests[kind] ?? {};
  const body = bodyBytes === 0 ? "" : `${id}:`.padEnd(bodyBytes, "heddle ");
  const method = bodyBytes === 0 ? "GET" : "POST";
  const length = bodyBytes === 0 ? "" : `content-length: ${body.length}\r\n`;
  const request = `${method} ${path} HTTP/1.1\r\nhost: scenario\r\nx-tag: ${options.tag}-${id}\r\n${head}${length}\r\n${body}`;
  const sentMs = monotonicMs();
  void connection.send(request).then((outcome) => {
    const doneMs = monotonicMs();
    const result = judge(outcome, `${options.tag}-${id}`, body);
    ledger.push({ id, kind, dueMs, sentMs, doneMs, ...result });
    idle.push(connection);
    if (options.ratePerSecond === 0) pump();
  });
}

function judge(
  outcome: Outcome,
  id: string,
  body: string,
): Pick<LedgerEntry, "status" | "endpoint" | "stamp" | "failure"> {
  if (outcome.kind === "failed")
    return { status: 0, endpoint: 0, stamp: "", failure: outcome.reason };
  const { status, headers } = outcome;
  const endpoint = Number(headers.get("x-endpoint") ?? 0);
  const stamp = headers.get("x-stamp-seen") ?? "";
  const mixedUp = status === 200 && (headers.get("x-tag") !== id || outcome.body !== body);
  const failure =
    status !== 200 ? `status ${status}` : mixedUp ? "the answer of another request" : "";
  return { status, endpoint, stamp, failure };
}

/** Sends what is due on the connections that are idle; what finds none waits, and its wait counts as latency. */
function pump(): void {
  while (!stopping && idle.length > 0) {
    const nowMs = monotonicMs();
    const dueMs =
      options.ratePerSecond === 0 ? nowMs : startMs + (sentCount * 1_000) / options.ratePerSecond;
    const connection = dueMs <= nowMs ? idle.shift() : undefined;
    if (connection === undefined) return;
    begin(connection, dueMs);
  }
}

function report(): LoadReport {
  const nowMs = monotonicMs();
  const opened = all.reduce((sum, connection) => sum + connection.opened, 0);
  const { user, system } = process.cpuUsage();
  const done = {
    fromMs: phaseStartMs,
    toMs: nowMs,
    ledger,
    opened,
    cpuSeconds: (user + system) / 1e6,
  };
  ledger = [];
  phaseStartMs = nowMs;
  return done;
}

const startMs = monotonicMs();
const timer = setInterval(pump, 1);
process.on("message", (message) => {
  if (message === "phase") return void process.send?.(report());
  stopping = true;
  const finished = setInterval(() => {
    if (idle.length < all.length) return;
    clearInterval(finished);
    clearInterval(timer);
    process.send?.(report(), () => process.exit(0));
  }, 1);
});
process.once("disconnect", () => process.exit(0));
process.send?.("started");
pump();
