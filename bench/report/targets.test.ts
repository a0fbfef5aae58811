import { test } from "tap";
import { exitCodeOf, judgeLimit, judgeRatio, ratioTarget } from "./targets.ts";

test("a target is reached only by the whole interval", (t) => {
  t.equal(judgeRatio(0.8, { lo: 0.75, hi: 0.79 }), "pass");
  t.equal(judgeRatio(0.8, { lo: 0.79, hi: 0.81 }), "inconclusive");
  t.equal(judgeRatio(0.8, { lo: 0.81, hi: 0.85 }), "missed");
  t.equal(judgeRatio(0.8, undefined), "inconclusive");
  t.equal(judgeRatio(undefined, { lo: 3, hi: 4 }), "none");
  t.end();
});

test("a limit is reached by a value at or under it", (t) => {
  t.equal(judgeLimit(10, 10), "pass");
  t.equal(judgeLimit(10, 11), "missed");
  t.equal(judgeLimit(undefined, 11), "none");
  t.end();
});

test("a missed target outranks an undecided one in the exit code", (t) => {
  t.equal(exitCodeOf(["pass", "none"]), 0);
  t.equal(exitCodeOf(["pass", "inconclusive"]), 11);
  t.equal(exitCodeOf(["inconclusive", "missed"]), 12);
  t.end();
});

test("pairs that nobody set a target for have none", (t) => {
  t.equal(ratioTarget("h1", "haproxy"), 0.8);
  t.equal(ratioTarget("h1", "js"), undefined);
  t.equal(ratioTarget("memory", "haproxy"), undefined);
  t.end();
});
