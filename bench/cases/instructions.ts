// User instructions of single steps of the request path, counted by callgrind: the difference of
// two runs of different length, so that start-up cancels out.
import { cargoBuild } from "../load/programs.ts";
import { ensureDebian } from "../peers/debian.ts";
import { runCommand } from "../process/command.ts";
import { table } from "../report/table.ts";
import type { CaseInput, CaseOutcome } from "./case.ts";

interface Count {
  operation: string;
  instructions: number;
}

export async function instructions(input: CaseInput): Promise<CaseOutcome> {
  await ensureDebian({ program: "valgrind", packages: ["valgrind"] }, input.say);
  const built = await cargoBuild(["-p", "heddle-proxy", "--example", "instructions"]);
  const program = built.get("instructions");
  if (program === undefined) throw new Error("cargo built no program instructions");
  const { stdout } = await runCommand({ file: program, args: [] });
  const counts: Count[] = [];
  for (const operation of stdout.trim().split("\n")) {
    const few = await count(program, operation, FEW);
    const many = await count(program, operation, MANY);
    counts.push({ operation, instructions: (many - few) / (MANY - FEW) });
    input.say(`${operation}: counted`);
  }
  const rows = counts.map((each) => [each.operation, each.instructions.toFixed(1)]);
  return {
    text: table(["operation", "user instructions"], rows),
    verdicts: [],
    failures: [],
    result: {
      params: { repetitions: MANY - FEW, tool: "callgrind" },
      runs: counts.map(({ operation, instructions: instr }) => ({ operation, instr })),
      comparison: [],
      notes: [],
    },
  };
}

async function count(program: string, operation: string, repetitions: number): Promise<number> {
  const options = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
  const args = [...options, program, operation, String(repetitions)];
  const { stderr } = await runCommand({ file: "valgrind", args });
  return collected(stderr);
}

/** The total that callgrind prints at its end. */
export function collected(text: string): number {
  const total = text.match(/Collected : (\d+)/)?.[1];
  if (total === undefined) throw new Error(`callgrind counted nothing: ${text.trim()}`);
  return Number(total);
}

const FEW = 1_000;
const MANY = 11_000;
