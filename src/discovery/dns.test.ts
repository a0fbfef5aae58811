import { test } from "tap";
import { FakeClock } from "../lib/fake-clock.ts";
import { dnsSource } from "./dns.ts";
import type { Resolved } from "./dns-lookup.ts";
import type { Addresses } from "./source.ts";

/** A source of one or more names under a clock that stands still; answers are taken from `say`. */
function follow(names: readonly string[], known?: Addresses) {
  const clock = new FakeClock();
  const controller = new AbortController();
  const asked: { name: string; atMs: number }[] = [];
  const answers = new Map<string, Resolved | Error>();
  const lookup = async (name: string): Promise<Resolved> => {
    asked.push({ name, atMs: clock.nowMs() });
    const answer = answers.get(name) ?? new Error("no answer");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const say = (name: string, addresses: string[], ttlMs = 0): void => {
    answers.set(name, { addresses, ttlMs });
  };
  const fail = (name: string): void => void answers.set(name, new Error("SERVFAIL"));
  const source = dnsSource(names, { lookup, clock, random: () => 0, ...(known && { known }) });
  const seen: Record<string, readonly string[]>[] = [];
  const start = async (): Promise<void> => {
    void collect(source.watch(controller.signal), seen);
    await clock.advance(0);
  };
  return { clock, controller, asked, say, fail, seen, start };
}

async function collect(
  values: AsyncIterable<Addresses>,
  seen: Record<string, readonly string[]>[],
): Promise<void> {
  for await (const value of values) seen.push(Object.fromEntries(value));
}

test("addresses come at first and after each change, in one order", async (t) => {
  const { clock, say, seen, start, controller } = follow(["db"]);
  say("db", ["10.0.0.2", "10.0.0.1"]);
  await start();
  say("db", ["10.0.0.1", "10.0.0.2"]);
  await clock.advance(5_000);
  say("db", ["10.0.0.3"]);
  await clock.advance(5_000);
  t.strictSame(seen, [{ db: ["10.0.0.1", "10.0.0.2"] }, { db: ["10.0.0.3"] }]);
  controller.abort();
});

test("a name is asked again when its answer expires, not within 5 s, and within the hour", async (t) => {
  const { clock, asked, say, start, controller } = follow(["long", "none", "short"]);
  say("none", ["10.0.0.1"], 0);
  say("short", ["10.0.0.1"], 30_000);
  say("long", ["10.0.0.1"], 86_400_000);
  await start();
  await clock.advance(3_600_000);
  const timesOf = (name: string): number[] =>
    asked.filter((question) => question.name === name).map(({ atMs }) => atMs);
  t.strictSame(timesOf("none").slice(0, 3), [0, 5_000, 10_000]);
  t.strictSame(timesOf("short").slice(0, 3), [0, 30_000, 60_000]);
  t.strictSame(timesOf("long"), [0, 3_600_000]);
  controller.abort();
});

test("the last good answer is kept when asking fails, and asking goes on ever more slowly", async (t) => {
  const { clock, asked, say, fail, seen, start, controller } = follow(["db"]);
  say("db", ["10.0.0.1"]);
  await start();
  fail("db");
  await clock.advance(60_000);
  t.strictSame(seen, [{ db: ["10.0.0.1"] }]);
  t.strictSame(
    asked.map(({ atMs }) => atMs),
    [0, 5_000, 10_000, 20_000, 40_000],
  );
  say("db", ["10.0.0.2"]);
  await clock.advance(60_000);
  t.strictSame(seen.at(-1), { db: ["10.0.0.2"] });
  controller.abort();
});

test("what is known from before stays until another answer comes", async (t) => {
  const { clock, say, fail, seen, start, controller } = follow(
    ["db"],
    new Map([["db", ["10.0.0.9"]]]),
  );
  fail("db");
  await start();
  say("db", ["10.0.0.1"]);
  await clock.advance(5_000);
  t.strictSame(seen, [{ db: ["10.0.0.9"] }, { db: ["10.0.0.1"] }]);
  controller.abort();
});

test("an answer without addresses is a failure too", async (t) => {
  const { clock, say, seen, start, controller } = follow(["db"]);
  say("db", ["10.0.0.1"]);
  await start();
  say("db", []);
  await clock.advance(5_000);
  t.strictSame(seen, [{ db: ["10.0.0.1"] }]);
  controller.abort();
});

test("the first addresses wait for every name, and a name that fails counts as answered", async (t) => {
  const { clock, say, fail, seen, start, controller } = follow(["db", "cache"]);
  say("db", ["10.0.0.1"]);
  fail("cache");
  await start();
  t.strictSame(seen, [{ db: ["10.0.0.1"], cache: [] }]);
  say("cache", ["10.0.0.2"]);
  await clock.advance(5_000);
  t.strictSame(seen.at(-1), { db: ["10.0.0.1"], cache: ["10.0.0.2"] });
  controller.abort();
});

test("nothing is asked after the reader has gone", async (t) => {
  const { clock, asked, say, start, controller } = follow(["db"]);
  say("db", ["10.0.0.1"]);
  await start();
  controller.abort();
  await clock.advance(60_000);
  t.equal(asked.length, 1);
});

test("without names there is one empty answer", async (t) => {
  const { seen, start, controller } = follow([]);
  await start();
  t.strictSame(seen, [{}]);
  controller.abort();
});
