import { test } from "tap";
import { countLine, tapCounts } from "./tap-counts.ts";

test("outermost points count, assertions inside a test do not", (t) => {
  const output = "TAP version 14\n# Subtest: a\n    ok 1 - x\n    1..1\nok 1 - a\nok 2 - b\n1..2\n";
  t.strictSame(tapCounts(output, 0), { passed: 2, failed: 0 });
  t.end();
});

test("a failed point is a failure", (t) => {
  t.strictSame(tapCounts("ok 1 - a\nnot ok 2 - b\n1..2\n", 1), { passed: 1, failed: 1 });
  t.end();
});

test("a process that fails after its last test is a failure", (t) => {
  t.strictSame(tapCounts("ok 1 - a\n1..1\n", 1), { passed: 1, failed: 1 });
  t.strictSame(tapCounts("ok 1 - a\n1..1\n", null), { passed: 1, failed: 1 });
  t.end();
});

test("a file that ends before its plan is a failure", (t) => {
  t.strictSame(tapCounts("ok 1 - a\n1..2\n", 0), { passed: 1, failed: 1 });
  t.strictSame(tapCounts("ok 1 - a\n", 0), { passed: 1, failed: 1 });
  t.end();
});

test("a file without a test is a failure", (t) => {
  t.strictSame(tapCounts("1..0\n", 0), { passed: 0, failed: 1 });
  t.strictSame(tapCounts("", 0), { passed: 0, failed: 1 });
  t.end();
});

test("a skipped test neither passed nor failed", (t) => {
  t.strictSame(tapCounts("ok 1 - a\nok 2 - b # SKIP no network\n1..2\n", 0), {
    passed: 1,
    failed: 0,
  });
  t.end();
});

test("the count line is the one that ci/check reads", (t) => {
  t.match(countLine({ passed: 12, failed: 3 }), /^12 passed, 3 failed$/);
  t.end();
});
