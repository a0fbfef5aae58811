// Entry of `npm run bench`: prepares peers and programs, runs one case, prints and stores what came
// out. Exit codes: 0 done and targets reached, 1 a side failed, 2 usage, 11 undecided, 12 missed.
import { cases } from "./cases/index.ts";
import type { CaseOutcome } from "./cases/case.ts";
import { buildLoadPrograms } from "./load/programs.ts";
import { UsageError, parseOptions } from "./options.ts";
import type { Options } from "./options.ts";
import { heddle } from "./peers/heddle/heddle.ts";
import { peers } from "./peers/index.ts";
import { UnavailableError } from "./peers/peer.ts";
import type { Peer } from "./peers/peer.ts";
import { describeHost, describeRevision } from "./process/host.ts";
import { writeResult } from "./report/result.ts";
import { exitCodeOf } from "./report/targets.ts";
import type { Verdict } from "./report/targets.ts";

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(parseOptions(args, [...peers.keys()]));
  } catch (error) {
    say(`error: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function run(options: Options): Promise<number> {
  say("building the load programs");
  const programs = await buildLoadPrograms();
  const subject = peerOf(options.subject);
  const { installed, missing } = await install(options.peers.map(peerOf));
  await subject.install(say);
  const input = { options, subject, peers: installed, programs, say };
  const outcome = await cases[options.caseName](input);
  outcome.result.notes.push(...missing);
  console.log(outcome.text);
  for (const failure of outcome.failures) say(`failed: ${failure}`);
  const exitCode = outcome.failures.length > 0 ? 1 : exitCodeOf(outcome.verdicts);
  if (options.smoke || outcome.result.runs.length === 0) return exitCode;
  say(`result: ${await store(options, outcome, { exitCode, installed })}`);
  say(`again:  ${reproduction(options)}`);
  return exitCode;
}

function peerOf(name: string): Peer {
  const peer = peers.get(name);
  if (peer === undefined) throw new UsageError(`no proxy ${name}`);
  return peer;
}

/** Peers that this machine cannot have are left out, and said so. */
async function install(wanted: readonly Peer[]): Promise<{ installed: Peer[]; missing: string[] }> {
  const installed: Peer[] = [];
  const missing: string[] = [];
  for (const peer of wanted)
    try {
      await peer.install(say);
      installed.push(peer);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      missing.push(`left out: ${error.message}`);
      say(`left out: ${error.message}`);
    }
  return { installed, missing };
}

async function store(
  options: Options,
  outcome: CaseOutcome,
  run: { exitCode: number; installed: readonly Peer[] },
): Promise<string> {
  const { params, ...result } = outcome.result;
  const named = [peerOf(options.subject), ...run.installed];
  const versions = await Promise.all(
    named.map(async (peer) => [peer.name, await peer.version()] as const),
  );
  return writeResult({
    schemaVersion: 1,
    tool: "heddle-bench",
    version: await heddle.version(),
    git: await describeRevision(),
    host: describeHost(),
    scenario: { id: options.caseName, params: { ...params, rounds: options.rounds } },
    peers: Object.fromEntries(versions),
    ...result,
    verdict: verdictOf(run.exitCode),
    exit_code: run.exitCode,
  });
}

function reproduction(options: Options): string {
  const { caseName, subject, peers: names, rounds, sliceSeconds, seed } = options;
  const sides = ["--subject", subject, ...(names.length > 0 ? ["--peers", names.join(",")] : [])];
  const length = ["--rounds", rounds, "--seconds", sliceSeconds, "--seed", seed];
  const routes = ["--base-routes", options.baseRoutes, "--routes", options.routes];
  const words = [...sides, ...length, ...(caseName === "routes" ? routes : [])];
  return `npm run bench -- --case ${caseName} ${words.join(" ")}`;
}

function verdictOf(exitCode: number): Verdict {
  if (exitCode === 12) return "missed";
  if (exitCode === 11) return "inconclusive";
  return exitCode === 0 ? "pass" : "none";
}

function say(line: string): void {
  console.error(line);
}
