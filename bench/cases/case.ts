// What a case gets and what it gives back.
import type { LoadPrograms } from "../load/programs.ts";
import type { Options } from "../options.ts";
import type { Peer } from "../peers/peer.ts";
import type { Result } from "../report/result.ts";
import type { Verdict } from "../report/targets.ts";

export interface CaseInput {
  options: Options;
  subject: Peer;
  peers: Peer[];
  programs: LoadPrograms;
  say(line: string): void;
}

export interface CaseOutcome {
  /** For people, in order. */
  text: string;
  /** One for each target. */
  verdicts: Verdict[];
  /** A side failed or answered with errors: the numbers must not be used. */
  failures: string[];
  result: Pick<Result, "runs" | "comparison" | "noise" | "floor" | "notes"> & {
    params: Record<string, unknown>;
  };
}

export type Case = (input: CaseInput) => Promise<CaseOutcome>;
