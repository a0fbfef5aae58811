import { test } from "tap";
import { parseCollected } from "./instructions.ts";

test("the sum of instructions is read from callgrind's summary", (t) => {
  t.equal(parseCollected("==1== \n==1== Events    : Ir\n==1== Collected : 3008093\n"), 3008093);
  t.end();
});

test("output without a sum is an error, not a zero", (t) => {
  t.throws(() => parseCollected("==1== aborted"), /no sum/);
  t.end();
});
