// Reads a command line against the table. Node's own parser splits the words; this file adds what it does not know:
// choices, environment variables, and a guess at what was meant.
import { parseArgs } from "node:util";
import { nearest } from "../lib/nearest.ts";
import { UsageError, type Command, type Invocation, type Option } from "./command.ts";
import { commands, globalOptions } from "./commands.ts";

export interface Found {
  command: Command;
  /** The words after the command's name. */
  rest: readonly string[];
}

/** The command that the words begin with; throws a UsageError when there is none. */
export function findCommand(words: readonly string[]): Found {
  const two = commands.find(
    ({ name }) => name === words.slice(0, 2).join(" ") && name.includes(" "),
  );
  if (two !== undefined) return { command: two, rest: words.slice(2) };
  const one = commands.find(({ name }) => name === words[0]);
  if (one !== undefined) return { command: one, rest: words.slice(1) };
  const word = words[0] ?? "";
  const below = commands
    .filter(({ name }) => name.startsWith(`${word} `))
    .map(({ name }) => `'heddle ${name}'`);
  if (below.length > 0)
    throw new UsageError(`'heddle ${word}' needs one more word: ${below.join(", ")}`);
  const near = nearest(
    word,
    commands.flatMap(({ name }) => [name, name.split(" ")[0] ?? name]),
  );
  throw new UsageError(`unknown command '${word}'${guess(near)}`);
}

/** Throws a UsageError for what the command does not understand. */
export function parseWords(
  { command, rest }: Found,
  environment: NodeJS.ProcessEnv,
): Omit<Invocation, "terminal"> {
  const options = [...command.options, ...globalOptions];
  const { tokens, positionals } = parseArgs({
    args: [...rest],
    options: Object.fromEntries(options.map((option) => [option.name, nodeOption(option)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | undefined> = {};
  const switches = new Set<string>();
  for (const option of options.filter(({ value }) => value !== undefined)) {
    values[option.name] = environment[`HEDDLE_${option.name.toUpperCase().replaceAll("-", "_")}`];
  }
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) throw new UsageError(unknownOption(token.rawName, options));
    if (option.value === undefined) {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      switches.add(option.name);
    } else {
      if (token.value === undefined)
        throw new UsageError(`${token.rawName} needs a value: ${option.value}`);
      values[option.name] = token.value;
    }
  }
  for (const option of options) checkChoice(option, values[option.name]);
  if (positionals.length > command.operands.countMax) {
    throw new UsageError(
      `unexpected '${positionals[command.operands.countMax]}' after 'heddle ${command.name}'`,
    );
  }
  return { values, switches, operands: positionals };
}

function nodeOption({ short, value }: Option): { type: "string" | "boolean"; short?: string } {
  return {
    type: value === undefined ? "boolean" : "string",
    ...(short === undefined ? {} : { short }),
  };
}

function checkChoice({ name, choices }: Option, value: string | undefined): void {
  if (value === undefined || choices === undefined || choices.includes(value)) return;
  throw new UsageError(
    `--${name} is one of ${choices.join(", ")}, not '${value}'${guess(nearest(value, choices))}`,
  );
}

function unknownOption(rawName: string, options: readonly Option[]): string {
  const near = rawName.startsWith("--")
    ? nearest(
        rawName.slice(2),
        options.map(({ name }) => name),
      )
    : undefined;
  return `unknown option '${rawName}'${guess(near === undefined ? undefined : `--${near}`)}`;
}

function guess(near: string | undefined): string {
  return near === undefined ? "" : ` (did you mean ${near}?)`;
}
