// The result of a run as a file, so that numbers can be checked and compared later.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../project.ts";
import type { Host, Revision } from "../process/host.ts";
import type { Verdict } from "./targets.ts";

export interface Result {
  schemaVersion: 1;
  tool: "heddle-bench";
  version: string;
  git: Revision;
  host: Host;
  scenario: { id: string; params: Record<string, unknown> };
  /** Versions of the proxies by name. */
  peers: Record<string, string>;
  runs: ResultRun[];
  noise?: { aa_ratio: number; ci95: [number, number] | null };
  floor?: { relay_us: number };
  comparison: ResultComparison[];
  verdict: Verdict;
  exit_code: number;
  notes: string[];
}

export type ResultRun = Record<string, unknown>;

export interface ResultComparison {
  a: string;
  b: string;
  metric: string;
  unit: string;
  better: "lower";
  median_a: number;
  median_b: number;
  ratio: number;
  ci95: [number, number] | null;
  target: number | null;
  verdict: Verdict | "invalid";
}

/** Writes bench/results/CASE-COMMIT.json; what another commit left there is never replaced. */
export async function writeResult(result: Result, folder: string = RESULTS): Promise<string> {
  await mkdir(folder, { recursive: true });
  const commit = result.git.sha === "none" ? "none" : result.git.sha.slice(0, COMMIT_CHARACTERS);
  const stem = `${result.scenario.id}-${commit}`;
  for (let attempt = 1; ; attempt++) {
    const path = join(folder, `${stem}${attempt === 1 ? "" : `-${attempt}`}.json`);
    if (existsSync(path) && (await commitOf(path)) !== result.git.sha) continue;
    await writeFile(path, `${JSON.stringify(result, undefined, 1)}\n`);
    return path;
  }
}

async function commitOf(path: string): Promise<string | undefined> {
  const { git } = JSON.parse(await readFile(path, "utf8")) as { git?: Revision };
  return git?.sha;
}

const RESULTS = join(projectRoot, "bench", "results");
const COMMIT_CHARACTERS = 10;
