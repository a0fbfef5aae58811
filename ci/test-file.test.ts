import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { runTestFile } from "./test-file.ts";

test("a file whose tests pass has its tests counted", async (t) => {
  const file = join(t.testdir(), "a.mjs");
  writeFileSync(file, 'console.log("ok 1 - a\\nok 2 - b\\n1..2");');
  const { counts } = await runTestFile(file);
  t.strictSame(counts, { passed: 2, failed: 0 });
});

test("a file that throws is a failure and its stack is kept", async (t) => {
  const file = join(t.testdir(), "a.mjs");
  writeFileSync(file, 'console.log("1..1"); throw new Error("planted");');
  const { counts, output } = await runTestFile(file);
  t.strictSame(counts, { passed: 0, failed: 1 });
  t.match(output, /planted/);
});

test("a file that hangs is ended and is a failure", async (t) => {
  const file = join(t.testdir(), "a.mjs");
  writeFileSync(file, 'console.log("ok 1 - a\\n1..1"); setInterval(() => {}, 1000);');
  const { counts } = await runTestFile(file, { timeoutMs: 500 });
  t.strictSame(counts, { passed: 1, failed: 1 });
});

test("a program that a test file leaves running is ended with it", async (t) => {
  const file = join(t.testdir(), "a.mjs");
  // The program holds the output open, so the run cannot end before it does.
  writeFileSync(
    file,
    `import { spawn } from "node:child_process";
     spawn("sleep", ["600"], { stdio: ["ignore", "inherit", "inherit"] }).unref();
     console.log("ok 1 - a\\n1..1");`,
  );
  const { counts, output } = await runTestFile(file, { timeoutMs: 20_000 });
  t.strictSame(counts, { passed: 1, failed: 0 });
  t.notMatch(output, /still running/);
});
