// User instructions of single operations, counted by callgrind: repeatable to the instruction, whatever else the machine
// does. Each operation runs with two repeat counts, so that its set-up cancels out.
import { cargoBuild } from "../load/programs.ts";
import { ensureDebian } from "../peers/debian.ts";
import { runCommand } from "../process/command.ts";
import { table } from "../report/table.ts";
import type { CaseInput, CaseOutcome } from "./case.ts";

export async function instructions(input: CaseInput): Promise<CaseOutcome> {
  await ensureDebian({ program: "valgrind", packages: ["valgrind"] }, input.say);
  const program = await buildInstructionsProgram();
  const counts = new Map<string, number>();
  for (const [operation] of OPERATIONS)
    counts.set(operation, await perOperation(program, operation));
  const rows = OPERATIONS.map(([operation, what]) => [
    operation,
    (counts.get(operation) ?? 0).toFixed(1),
    what,
  ]);
  return {
    text: table(["operation", "instructions", "what it is"], rows),
    verdicts: [],
    failures: [],
    result: {
      params: { few: FEW, many: MANY },
      runs: [...counts].map(([operation, instr]) => ({ side: "a", operation, instr })),
      comparison: [],
      notes: [
        "User instructions of one operation by callgrind; no gate without an earlier result to compare with.",
      ],
    },
  };
}

/** Builds the program that repeats an operation, and returns its path. */
export async function buildInstructionsProgram(): Promise<string> {
  const built = await cargoBuild(["-p", "heddle-proxy", "--example", PROGRAM]);
  const program = built.get(PROGRAM);
  if (program === undefined) throw new Error(`cargo built no program ${PROGRAM}`);
  return program;
}

async function perOperation(program: string, operation: string): Promise<number> {
  return (
    ((await total(program, operation, MANY)) - (await total(program, operation, FEW))) /
    (MANY - FEW)
  );
}

async function total(program: string, operation: string, count: number): Promise<number> {
  const options = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
  const { stderr } = await runCommand({
    file: "valgrind",
    args: [...options, program, operation, String(count)],
  });
  return parseCollected(stderr);
}

/** Number of instructions in callgrind's summary. */
export function parseCollected(text: string): number {
  const found = /Collected : (\d+)/.exec(text)?.[1];
  if (found === undefined) throw new Error("callgrind printed no sum of instructions");
  return Number(found);
}

const PROGRAM = "instructions";
/** What the program can repeat, and what that is. */
export const OPERATIONS = [
  ["parse", "a request head of five fields"],
  ["route", "a look-up among 1,000 routes"],
  ["serialize", "the same head for the upstream"],
  ["exchange", "a whole exchange in the proxy, from request bytes to response bytes"],
] as const;
const FEW = 1_000;
const MANY = 11_000;
