import { test } from "tap";
import { seededRandom, shuffled } from "./seeded-random.ts";

test("one seed gives one row of numbers between 0 and 1, another seed another", (t) => {
  const row = (seed: number): number[] => Array.from({ length: 1000 }, seededRandom(seed));
  t.strictSame(row(1), row(1));
  t.notSame(row(1), row(2));
  t.ok(row(1).every((number) => number >= 0 && number < 1));
  const mean = row(1).reduce((sum, number) => sum + number, 0) / 1000;
  t.ok(mean > 0.45 && mean < 0.55, `mean ${mean}`);
  t.end();
});

test("shuffling keeps every item and reaches every order", (t) => {
  const random = seededRandom(1);
  const orders = Array.from({ length: 200 }, () => shuffled(["a", "b", "c"], random).join(""));
  t.strictSame([...new Set(orders)].sort(), ["abc", "acb", "bac", "bca", "cab", "cba"]);
  t.end();
});
