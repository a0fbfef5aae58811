// FI-05: SIGTERM and rolling restarts while keep-alive, pipelined, long, upgraded and relayed traffic runs.
import { connect } from "node:net";
import { WebSocket } from "ws";
import { bodyOf } from "../ledger/body.ts";
import type { LedgerClient } from "../ledger/ledger-client.ts";
import { startLedgerOrigin } from "../ledger/ledger-origin.ts";
import { LedgerRun } from "../ledger/ledger-run.ts";
import type { Outcome, Stream } from "../ledger/record.ts";
import type { RequestPlan } from "../ledger/tagged-request.ts";
import { freePorts } from "../support/free-ports.ts";
import { percentile } from "../support/percentile.ts";
import { scale } from "../support/scale.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startWebSocketEcho } from "../support/start-websocket-echo.ts";
import { expectClean, nameOf } from "./expect-clean.ts";
import { meshText } from "./mesh-text.ts";
import { startEchoServer } from "./start-echo-server.ts";

scenario("FI-05 rolling restarts: no request and no relayed byte is lost", async (t) => {
  const [edge = 0, relay = 0, upgrade = 0] = await freePorts(3);
  const origin = await startLedgerOrigin(t, { delayMs: 5 });
  const echo = await startEchoServer(t);
  const webSockets = await startWebSocketEcho(t);
  const mesh = meshText(edge, [origin.port], {
    listeners: `  - { name: relay, address: "127.0.0.1:${relay}", protocol: tcp, service: echo }
  - { name: upgrade, address: "127.0.0.1:${upgrade}", protocol: http, service: chat }\n`,
    services: `  echo: { protocol: tcp, endpoints: ["127.0.0.1:${echo}"] }
  chat: { endpoints: ["127.0.0.1:${webSockets.port}"] }\n`,
  });
  let agent = await startAgent(t, { mesh, words });
  const run = await LedgerRun.begin([origin]);
  const client = run.client(edge);
  let isOver = false;
  const over = (): boolean => isOver;
  const traffic = Promise.all([
    client.load(plans, 6, over),
    pipelineUntil(run.client(edge), over),
    relayUntil(over, run.streams, (sent, number) => echoed(relay, sent, `relay ${number}`)),
    relayUntil(over, run.streams, (sent, number) => chatted(upgrade, sent, `chat ${number}`)),
  ]);

  const exits: unknown[] = [];
  const drainsMs: number[] = [];
  for (let round = 0; round < RESTARTS; round += 1) {
    const next = await startAgent(t, { mesh, words, folder: agent.folder });
    const fromMs = performance.now();
    agent.signal("SIGTERM");
    exits.push(await agent.ended);
    drainsMs.push(performance.now() - fromMs);
    agent = next;
  }
  isOver = true;
  await traffic;
  const { finished, streams } = await expectClean(t, run);

  t.comment(
    `${RESTARTS} restarts, ${finished.length} requests, ${streams.length} relayed or upgraded connections, drain p50 ${percentile(drainsMs, 50).toFixed(0)} ms`,
  );
  t.strictSame(
    finished.map(({ outcome }) => tell(outcome)).filter((name) => name !== "200"),
    [],
    "no request failed",
  );
  t.strictSame(
    streams.filter(({ ended }) => !ended).map(({ name }) => name),
    [],
    "no relayed connection broke",
  );
  t.ok(streams.length > RESTARTS && finished.length > 20 * RESTARTS, "there was load all the time");
  t.ok(
    exits.every((code) => code === 0),
    `each old process ended with 0: ${exits.join(" ")}`,
  );
  t.ok(Math.max(...drainsMs) < DRAIN_MS, "each drain ended before its deadline");
});

function tell(outcome: Outcome): string {
  return outcome.kind === "failed" ? outcome.reason : nameOf(outcome);
}

async function pipelineUntil(client: LedgerClient, isOver: () => boolean): Promise<void> {
  while (!isOver()) await client.pipeline(plans);
}

/** One connection after another, each with bytes of its own. */
async function relayUntil(
  isOver: () => boolean,
  streams: Stream[],
  relay: (sent: Buffer, number: number) => Promise<Stream>,
): Promise<void> {
  for (let number = 0; !isOver(); number += 1)
    streams.push(await relay(bodyOf(`stream ${number}`, RELAYED_BYTES), number));
}

/** Sends, ends its side, and reads the echo to its end. */
function echoed(port: number, sent: Buffer, name: string): Promise<Stream> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () =>
      socket.end(sent),
    );
    const finish = (ended: boolean): void =>
      resolve({ name, sent, received: Buffer.concat(parts), ended });
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.once("end", () => finish(true));
    socket.once("error", () => finish(false));
    socket.once("close", () => finish(false));
  });
}

/** Sends messages over a WebSocket, and closes it when all have come back. */
function chatted(port: number, sent: Buffer, name: string): Promise<Stream> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let missing = sent.length;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
    socket.once("open", () => {
      for (let from = 0; from < sent.length; from += MESSAGE_BYTES)
        socket.send(sent.subarray(from, from + MESSAGE_BYTES));
    });
    socket.on("message", (part: Buffer) => {
      parts.push(part);
      missing -= part.length;
      if (missing === 0) socket.close(NORMAL_CLOSE);
    });
    socket.on("error", () => undefined);
    socket.once("close", (code) =>
      resolve({ name, sent, received: Buffer.concat(parts), ended: code === NORMAL_CLOSE }),
    );
  });
}

const RESTARTS = scale({ short: 3, long: 100 });
const RELAYED_BYTES = 200_000;
const MESSAGE_BYTES = 10_000;
/** RFC 6455 section 7.4.1. */
const NORMAL_CLOSE = 1_000;
const DRAIN_MS = 10_000;
const words = ["--reuse-port", "--drain-timeout", "10s"];
const plans: readonly RequestPlan[] = [
  {},
  { bodyBytes: 300 },
  { bodyBytes: 120_000, chunked: true },
  { answer: { bytes: 150_000, framing: "chunked" } },
  { method: "HEAD" },
];
