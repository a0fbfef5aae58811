// The table is made of the top-level tests, and says what they measured.
import { test } from "tap";
import { verdictsOf, writeVerdicts } from "./verdict-table.ts";

test("each top-level test is a row with its comments", async (t) => {
  const rows = verdictsOf(
    `TAP version 14
# Subtest: FI-01 first
    ok 1 - a detail
    # 20 requests: 200 20
    1..1
ok 1 - FI-01 first # time=1500ms

# Subtest: FI-02 second
    not ok 1 - a detail
    1..1
not ok 2 - FI-02 second # time=20ms

1..2
`,
    "x.test.js",
  );

  t.strictSame(rows, [
    { name: "FI-01 first", passed: true, seconds: 1.5, measured: ["20 requests: 200 20"] },
    { name: "FI-02 second", passed: false, seconds: 0.02, measured: [] },
  ]);
  t.match(writeVerdicts(rows), /holds +1\.5 s {2}FI-01 first\n +20 requests: 200 20\nVIOLATED/);
});

test("a file that ran no test is a violated row", async (t) => {
  t.match(verdictsOf("Error: no\n", "x.test.js"), [{ passed: false }]);
});
