/**
 * Runs compiled test files, each in a process of its own, and ends with the line `N passed, N failed`.
 * Usage: node dist/ci/test.js [--jobs N] [--suffix .test.js] FOLDER...   (folders are inside dist/)
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { countLine } from "./tap-counts.ts";
import { runTestFile } from "./test-file.ts";

const dist = join(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: "string", default: "2" },
    suffix: { type: "string", default: ".test.js" },
  },
});

const waiting = positionals.flatMap((folder) => testFilesIn(folder));
const total = { passed: 0, failed: 0 };
await Promise.all(Array.from({ length: Number(values.jobs) }, runWaiting));
process.stdout.write(`${countLine(total)}\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

async function runWaiting(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const { counts, output, elapsedMs } = await runTestFile(join(dist, file));
    total.passed += counts.passed;
    total.failed += counts.failed;
    if (counts.failed > 0) process.stdout.write(output);
    const verdict = counts.failed > 0 ? "not ok" : "ok    ";
    process.stdout.write(
      `${verdict}  ${file}  ${countLine(counts)}  ${Math.round(elapsedMs)} ms\n`,
    );
  }
}

function testFilesIn(folder: string): string[] {
  if (!existsSync(join(dist, folder))) return [];
  return readdirSync(join(dist, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(values.suffix))
    .map((path) => join(folder, path))
    .sort();
}
