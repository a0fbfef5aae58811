// FI-08: the upstream's connection breaks at every byte of a canned exchange. What comes out is whole, or an error.
import { startLedgerOrigin } from "../ledger/ledger-origin.ts";
import { LedgerRun } from "../ledger/ledger-run.ts";
import type { RequestPlan } from "../ledger/tagged-request.ts";
import { startFaultProxy } from "../fault-proxy/fault-proxy.ts";
import { freePorts } from "../support/free-ports.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { cannedLengths } from "./canned-lengths.ts";
import { expectClean, nameOf } from "./expect-clean.ts";
import { meshText } from "./mesh-text.ts";

scenario("FI-08 the upstream breaks at every byte: whole, or an explicit error", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origin = await startLedgerOrigin(t);
  const proxy = await startFaultProxy(t, origin.port);
  const agent = await startAgent(t, { mesh: meshText(edge, [proxy.port]), shards: 1 });
  const run = await LedgerRun.begin([origin], agent);
  const client = run.client(edge);

  const wrong: string[] = [];
  for (const how of ["reset", "finish"] as const) {
    // An end by FIN is the framing of a response that ends with its connection.
    for (const framing of how === "reset" ? framings : framings.slice(0, 2)) {
      const plan: RequestPlan = { method: "PUT", bodyBytes: 50, answer: { bytes: 150, framing } };
      const { head, whole } = await cannedLengths(t, plan);
      for (let afterBytes = 0; afterBytes <= whole; afterBytes += 1) {
        proxy.faults = { down: { stop: { afterBytes, how } } };
        const outcome = nameOf(await client.send(plan));
        // A head that came with the reset may be taken back with the connection.
        const wanted = afterBytes < head ? ["502 of the proxy"] : ["truncated", "failed"];
        // Whether a reset behind the last byte comes in time to be seen is chance.
        if (afterBytes === whole) wanted.push("200");
        if (!wanted.includes(outcome))
          wrong.push(`${framing} ${how} at ${afterBytes} of ${whole}: ${outcome}`);
      }
    }
  }
  t.strictSame(wrong.slice(0, 5), []);
  await expectClean(t, run);
});

const framings = ["length", "chunked", "close"] as const;
