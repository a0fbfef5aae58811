// The command line of the benchmark runner, checked before anything starts.
import { parseArgs } from "node:util";
import { caseNames } from "./cases/names.ts";
import type { CaseName } from "./cases/names.ts";

export interface Options {
  caseName: CaseName;
  /** The side under test; heddle unless peers are compared among themselves. */
  subject: string;
  peers: string[];
  rounds: number;
  sliceSeconds: number;
  baseRoutes: number;
  routes: number;
  seed: number;
  smoke: boolean;
}

export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** `peerNames` are the proxies that can be measured; without --peers all are, except the subject. */
export function parseOptions(args: readonly string[], peerNames: readonly string[]): Options {
  const values = parse(args);
  const caseName = caseNames.find((name) => name === (values.case ?? "h1"));
  if (caseName === undefined)
    throw new UsageError(`--case is one of ${caseNames.join(", ")}, not ${values.case}`);
  const subject = values.subject ?? "heddle";
  const others = peerNames.filter((name) => name !== subject && name !== "heddle");
  const peers = values.peers?.split(",").filter((name) => name !== "") ?? others;
  const unknown = [subject, ...peers].find((name) => !peerNames.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`no proxy ${unknown}; there are ${peerNames.join(", ")}`);
  const smoke = values.smoke ?? false;
  return {
    caseName,
    subject,
    peers,
    smoke,
    rounds: smoke ? 1 : positive("rounds", values.rounds, DEFAULT_ROUNDS),
    sliceSeconds: smoke ? 1 : positive("seconds", values.seconds, DEFAULT_SLICE_SECONDS),
    baseRoutes: positive("base-routes", values["base-routes"], 1),
    routes: positive("routes", values.routes, 10_000),
    seed: positive("seed", values.seed, 1),
  };
}

interface Values {
  case?: string;
  subject?: string;
  peers?: string;
  rounds?: string;
  seconds?: string;
  "base-routes"?: string;
  routes?: string;
  seed?: string;
  smoke?: boolean;
}

function parse(args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], strict: true, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new UsageError(`--${name} is a positive number, not ${text}`);
}

const OPTIONS = {
  case: { type: "string" },
  subject: { type: "string" },
  peers: { type: "string" },
  rounds: { type: "string" },
  seconds: { type: "string" },
  "base-routes": { type: "string" },
  routes: { type: "string" },
  seed: { type: "string" },
  smoke: { type: "boolean" },
} as const;
/** Two pairs in each. */
const DEFAULT_ROUNDS = 12;
const DEFAULT_SLICE_SECONDS = 3;
