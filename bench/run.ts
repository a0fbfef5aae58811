// The benchmark runner: one case against the peers that this machine can have, printed and kept as a result file.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cases } from "./cases/index.ts";
import { buildLoadPrograms } from "./load/programs.ts";
import { UsageError, parseOptions } from "./options.ts";
import type { Options } from "./options.ts";
import { peers } from "./peers/index.ts";
import { UnavailableError } from "./peers/peer.ts";
import type { Peer } from "./peers/peer.ts";
import { describeHost, describeRevision } from "./process/host.ts";
import { projectRoot } from "./project.ts";
import { writeResult } from "./report/result.ts";
import { exitCodeOf } from "./report/targets.ts";

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), [...peers.keys()]);
  const subject = peerNamed(options.subject);
  const others = await available(options.peers.map(peerNamed));
  await subject.install(say);
  const outcome = await cases[options.caseName]({
    options,
    subject,
    peers: others,
    programs: await buildLoadPrograms(),
    say,
  });
  process.stdout.write(`\n${outcome.text}\n`);
  for (const failure of outcome.failures) say(`failed: ${failure}`);
  const exitCode = outcome.failures.length > 0 ? EXIT_FAILURE : exitCodeOf(outcome.verdicts);
  const { params, ...measured } = outcome.result;
  const path = await writeResult({
    schemaVersion: 1,
    tool: "heddle-bench",
    version: packageVersion(),
    git: await describeRevision(),
    host: describeHost(),
    scenario: { id: options.smoke ? `${options.caseName}-smoke` : options.caseName, params },
    peers: await versions([subject, ...others]),
    verdict: exitCode === 0 ? "pass" : exitCode === EXIT_INCONCLUSIVE ? "inconclusive" : "missed",
    exit_code: exitCode,
    ...measured,
  });
  say(`\nresult: ${path}\nagain:  ${reproduction(options)}`);
  return exitCode;
}

function peerNamed(name: string): Peer {
  const peer = peers.get(name);
  if (peer === undefined) throw new UsageError(`no proxy ${name}`);
  return peer;
}

/** The peers that can be started here; the others are named and left out. */
async function available(wanted: readonly Peer[]): Promise<Peer[]> {
  const found: Peer[] = [];
  for (const peer of wanted)
    try {
      await peer.install(say);
      found.push(peer);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      say(`without ${peer.name}: ${error.message}`);
    }
  return found;
}

async function versions(all: readonly Peer[]): Promise<Record<string, string>> {
  const pairs = all.map(async (peer) => [peer.name, await peer.version()] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

function packageVersion(): string {
  const text = readFileSync(join(projectRoot, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function reproduction({ caseName, peers: names, rounds, sliceSeconds, seed }: Options): string {
  const list = names.length > 0 ? ` --peers ${names.join(",")}` : "";
  return `npm run bench -- --case ${caseName}${list} --rounds ${rounds} --seconds ${sliceSeconds} --seed ${seed}`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const EXIT_INCONCLUSIVE = 11;

process.exitCode = await main().catch((error: unknown) => {
  say(`error: ${error instanceof Error ? error.message : String(error)}`);
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
});
