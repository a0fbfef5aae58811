import { test } from "tap";
import { Latest } from "./latest.ts";

test("a reader gets the newest value and not those it has missed", async (t) => {
  const latest = new Latest<number>();
  const values = latest.values(new AbortController().signal);
  latest.put(1);
  latest.put(2);
  t.strictSame(await values.next(), { value: 2, done: false });
  const waiting = values.next();
  latest.put(3);
  t.strictSame(await waiting, { value: 3, done: false });
});

test("a reader that waits ends when it is told to", async (t) => {
  const controller = new AbortController();
  const values = new Latest<number>().values(controller.signal);
  const waiting = values.next();
  controller.abort();
  t.strictSame(await waiting, { value: undefined, done: true });
});
