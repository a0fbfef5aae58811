// The hostile corpus through a real agent: every rule kept, and what goes on is read by every other parser in the same way.
import type { Test } from "tap";
import { freePorts } from "../support/free-ports.ts";
import { isLong, scale } from "../support/scale.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startCaptureOrigin, type CaptureOrigin } from "./capture-origin.ts";
import { everyNth, hostileCorpus } from "./corpus.ts";
import { judge, type Judge } from "./judge.ts";
import { startJudges } from "./judges/start-judges.ts";
import { sendCase, type CaseResult } from "./send-case.ts";

scenario("every hostile request is treated as its rule says, and none is smuggled", async (t) => {
  const corpus = hostileCorpus();
  const { edge, origin } = await start(t);

  const results = await inParallel(corpus, (hostile) => sendCase(edge, origin, hostile));

  const violations = results.flatMap(({ hostile, violations }) =>
    violations.map((text) => `${hostile.name}: ${text}`),
  );
  const accepted = results.filter(({ captured }) => captured.length > 0).length;
  t.comment(
    `${corpus.length} requests of ${new Set(corpus.map(({ rule }) => rule)).size - 1} rules, ${accepted} passed on, ${corpus.length - accepted} refused`,
  );
  if (violations.length > SHOWN) t.comment(`${violations.length} violations`);
  t.strictSame(violations.slice(0, SHOWN), []);
  t.ok(corpus.length >= 2_000, `${corpus.length} requests`);
  t.strictSame(origin.capturedOf("smuggled"), [], "no request inside a body was taken for one");
  t.strictSame(origin.capturedOf(""), [], "nothing came from nowhere");
});

scenario("what is passed on is seen in the same way by every other parser", async (t) => {
  const { edge, origin } = await start(t);
  const judges = await startJudges(t);
  for (const reason of judges.missing) t.comment(`left out: ${reason}`);
  const corpus = everyNth(hostileCorpus(), scale({ short: 5, long: 1 }));
  const results = await inParallel(corpus, (hostile) => sendCase(edge, origin, hostile));

  for (const each of judges.running) {
    const { agreed, refused, differing } = await compare(each, results);
    t.comment(`${each.name}: sees ${agreed} as they are, takes ${refused} not at all`);
    t.strictSame(differing.slice(0, SHOWN), [], `${each.name} sees what was sent`);
    t.ok(agreed > 4 * refused, "and takes most of it");
  }
  if (isLong) t.ok(judges.running.length >= 5, "there are enough of them");
});

async function start(t: Test): Promise<{ edge: number; origin: CaptureOrigin }> {
  const [edge = 0] = await freePorts(1);
  const origin = await startCaptureOrigin(t);
  const mesh = `mesh: hostile
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${origin.port}"] }
`;
  await startAgent(t, { mesh, shards: 1 });
  return { edge, origin };
}

interface Comparison {
  agreed: number;
  refused: number;
  differing: string[];
}

async function compare(each: Judge, results: readonly CaseResult[]): Promise<Comparison> {
  const total: Comparison = { agreed: 0, refused: 0, differing: [] };
  await inParallel(results, async ({ hostile, captured: [captured] }) => {
    if (captured?.message === undefined) return;
    const judgement = await judge(each, captured.text, captured.message);
    if (judgement.kind === "agrees") total.agreed += 1;
    else if (judgement.kind === "refuses") total.refused += 1;
    else total.differing.push(`${hostile.name}: ${judgement.how}`);
  });
  return total;
}

/** In the order of the items. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: LANES }, worker));
  return results;
}

const LANES = 16;
/** Violations that a report names. */
const SHOWN = 10;
