// The first thing that a stranger runs: the demo mesh in an empty folder, and nothing left of it afterwards.
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Test } from "tap";
import { projectRoot } from "../support/project-root.ts";
import { runCli } from "../support/run-cli.ts";
import { scenario } from "../support/scenario.ts";
import { startProcess, type StartOptions } from "../support/start-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

scenario(
  "dev --once in an empty folder proves the demo, and leaves nothing but .heddle",
  async (t) => {
    const { options, mark } = await strangersShell(t);
    const demo = join(projectRoot, "scenarios", "demo");
    const demoBefore = await readdir(demo, { recursive: true });

    const fromMs = performance.now();
    const { code, stdout, stderr } = await runCli(t, ["dev", "--once"], options);
    const seconds = ((performance.now() - fromMs) / 1_000).toFixed(1);

    for (const line of stdout.trimEnd().split("\n")) t.comment(line);
    t.comment(`from the command to the prompt: ${seconds} s`);
    t.equal(code, 0, stderr);
    t.match(stdout, /\(edge\) -> web .* 200 in /);
    t.match(stdout, /web -> api .* 200 in /);
    t.match(stdout, /api -> store .* 200 in /);
    t.match(stdout, /healthy: 3 edges, 4 service processes/);
    t.strictSame(await readdir(options.folder), [".heddle", "home", "tmp"]);
    t.strictSame(await readdir(join(options.folder, "home")), [], "nothing in the home folder");
    t.strictSame(
      await readdir(join(options.folder, "tmp")),
      [],
      "nothing in the folder for temporary files",
    );
    t.strictSame(await readdir(join(options.folder, ".heddle", "agents")), [], "no socket");
    t.strictSame(await readdir(demo, { recursive: true }), demoBefore, "nothing in the package");
    t.strictSame(await processesWith(mark), [], "no process");
  },
);

scenario("dev that is killed takes its services with it", async (t) => {
  const { options, mark } = await strangersShell(t);
  const main = join(projectRoot, "dist", "src", "cli", "main.js");
  const dev = startProcess(t, [main, "dev"], options);
  await until("the demo is up", () => dev.stdout.includes("ready in"));
  const during = await processesWith(mark);

  dev.signal("SIGKILL");
  await dev.ended;

  t.ok(during.length >= 5, `heddle and its services ran (${during.length} processes)`);
  await until("its services are gone", async () => (await processesWith(mark)).length === 0);
});

interface Shell {
  options: StartOptions & { folder: string };
  /** Stands in the environment of every process that is started from it. */
  mark: string;
}

/** A home, a folder for temporary files and a PATH that nobody has prepared: no npm, no packages. */
async function strangersShell(t: Test): Promise<Shell> {
  const folder = await temporaryFolder(t);
  const mark = `HEDDLE_SCENARIO_MARK=${folder}`;
  for (const name of ["home", "tmp"]) await mkdir(join(folder, name));
  const environment = {
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HEDDLE_SCENARIO_MARK: folder,
    HEDDLE_METRICS_PORT: "0",
    HEDDLE_HEALTH_PORT: "0",
  };
  return { options: { folder, environment }, mark };
}

/** Process ids with the mark in their environment. */
async function processesWith(mark: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = pids.map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
    return environment.split("\0").includes(mark) ? [pid] : [];
  });
  return (await Promise.all(marked)).flat();
}
