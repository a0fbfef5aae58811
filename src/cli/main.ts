#!/usr/bin/env node
// The command `heddle`: finds the row of the table, reads the options, loads the command and ends with its exit code.
// Nothing is imported here that a plain `--help` does not need.
import { MeshError } from "../lib/mesh-error.ts";
import { UsageError, type Invocation } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { commandHelp, overview } from "./help.ts";
import { findCommand, parseWords } from "./parse.ts";
import { createTerminal, type ColourMode } from "./terminal.ts";

async function main(words: readonly string[]): Promise<number> {
  const plain = createTerminal("auto");
  let help = "heddle help";
  try {
    const first = words[0];
    if (first === undefined || first === "--help" || first === "-h") {
      plain.out(overview(plain.paint));
      return first === undefined ? exitCode.usage : exitCode.ok;
    }
    if (first === "--version") return (await import("./version.ts")).printNumber(plain);
    if (first.startsWith("-")) throw new UsageError(`expected a command before '${first}'`);
    const found = findCommand(words);
    help = `heddle help ${found.command.name}`;
    const parsed = parseWords(found, process.env);
    const terminal = createTerminal((parsed.values["color"] ?? "auto") as ColourMode);
    if (parsed.switches.has("help")) {
      terminal.out(commandHelp(found.command, terminal.paint));
      return exitCode.ok;
    }
    const invocation: Invocation = { ...parsed, terminal };
    return await (await found.command.load()).run(invocation);
  } catch (error) {
    if (error instanceof UsageError) {
      plain.say(`error: ${error.message}\n  fix: see \`${help}\``);
      return exitCode.usage;
    }
    if (!(error instanceof MeshError)) throw error;
    plain.say(`error[${error.code}]: ${error.message}\n  fix: ${error.hint}`);
    return error.code === "HED5201" ? exitCode.notReachable : exitCode.failure;
  }
}

// A reader that goes away, such as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCode.ok);
});
process.exitCode = await main(process.argv.slice(2));
