// A mixed run through a real agent leaves a clean ledger.
import { freePorts } from "../support/free-ports.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { check } from "./check.ts";
import { startLedgerOrigin } from "./ledger-origin.ts";
import { LedgerRun } from "./ledger-run.ts";
import type { RequestPlan } from "./tagged-request.ts";

scenario("a mixed run leaves a clean ledger", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origin = await startLedgerOrigin(t);
  const agent = await startAgent(t, { mesh: meshText(edge, origin.port) });
  const run = await LedgerRun.begin([origin], agent);
  const client = run.client(edge);

  let rounds = 0;
  await Promise.all([
    client.load(plans, 8, () => (rounds += 1) > ROUNDS),
    ...Array.from({ length: 20 }, () => client.pipeline(plans)),
  ]);
  const record = await run.end();

  const verdicts = check(record);
  for (const { id, rule, violations } of verdicts)
    t.strictSame(violations.slice(0, 3), [], `${id}: ${rule}`);
  const answered = record.finished.filter(({ outcome }) => outcome.kind === "answered");
  t.comment(
    `${record.sent.length} requests over ${record.connections.length} connections, ${answered.length} answered`,
  );
  t.equal(answered.length, ROUNDS + 20 * plans.length);
});

function meshText(edge: number, port: number): string {
  return `mesh: ledger
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${port}"] }
`;
}

const ROUNDS = 2_000;
/** A response that ends with its connection stands last: what is pipelined behind it is sent again. */
const plans: readonly RequestPlan[] = [
  {},
  { bodyBytes: 700 },
  { method: "HEAD", answer: { bytes: 300 } },
  { method: "PUT", bodyBytes: 5_000, chunked: true, answer: { bytes: 20_000, framing: "chunked" } },
  { method: "DELETE", answer: { bytes: 0 } },
  { bodyBytes: 0, answer: { framing: "close" } },
];
