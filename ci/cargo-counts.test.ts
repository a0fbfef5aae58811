import { test } from "tap";
import { cargoCounts } from "./cargo-counts.ts";

test("results of all test programs are added up", (t) => {
  const output = [
    "running 3 tests",
    "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
    "test result: FAILED. 4 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s",
  ].join("\n");
  t.strictSame(cargoCounts(output), { passed: 7, failed: 2 });
  t.end();
});

test("output without a result counts nothing", (t) => {
  t.strictSame(cargoCounts("error: could not compile `x`\n"), { passed: 0, failed: 0 });
  t.end();
});
