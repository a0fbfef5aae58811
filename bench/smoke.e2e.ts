// The benchmark runs against every peer that this machine can have. Its ratios are recorded, not judged.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { t as root, test } from "tap";
import { OPERATIONS, buildInstructionsProgram } from "./cases/instructions.ts";
import { distFolder } from "./project.ts";

// Building and installing for the first time takes longer than a file may by default.
root.setTimeout(290_000);

test(
  "a short comparison with every peer runs without a failed side",
  { timeout: 280_000 },
  async (t) => {
    const runner = join(distFolder, "bench", "run.js");
    const run = promisify(execFile)(process.execPath, [runner, "--case", "h1", "--smoke"]);

    const { stdout, stderr } = await run.catch(
      (error: unknown) => error as { stdout: string; stderr: string },
    );

    t.comment(stdout);
    t.match(stdout, /heddle \/ haproxy/, stderr);
    t.match(stdout, /heddle \/ relay/);
    t.notMatch(stderr, /^failed:/m);
    t.notMatch(stdout, /invalid/);
  },
);

test("every operation whose instructions are counted can be run", async (t) => {
  const program = await buildInstructionsProgram();

  const runs = OPERATIONS.map(([operation]) => promisify(execFile)(program, [operation, "3"]));

  await t.resolves(Promise.all(runs));
});
