// Writes help from the table: all commands by group, or one command with its examples first. Also the `help` command.
import { UsageError, type Command, type Invocation, type Option } from "./command.ts";
import { commands, globalOptions } from "./commands.ts";
import { exitMeanings } from "./exit-code.ts";
import { findCommand } from "./parse.ts";
import type { Paint } from "./terminal.ts";

export function run({ operands, terminal }: Invocation): Promise<number> {
  if (operands.length === 0) {
    terminal.out(overview(terminal.paint));
    return Promise.resolve(0);
  }
  const { command, rest } = findCommand(operands);
  if (rest.length > 0) throw new UsageError(`unexpected '${rest[0]}' after '${command.name}'`);
  terminal.out(commandHelp(command, terminal.paint));
  return Promise.resolve(0);
}

/** All commands. */
export function overview(paint: Paint): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const blocks = Object.entries(groupTitles).map(([group, title]) => {
    const rows = commands.filter((command) => command.group === group);
    return `${paint("bold", title)}\n${rows.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}\n`).join("")}`;
  });
  return [
    "heddle: a service mesh with a native data plane\n",
    `usage: heddle COMMAND [OPTIONS]\n`,
    `${paint("bold", "examples")}\n${exampleRows([
      { line: "heddle dev", does: "a demo mesh in this terminal" },
      { line: "heddle lint mesh.yaml", does: "check a file" },
      { line: "heddle run -f mesh.yaml", does: "forward traffic as it says" },
    ])}`,
    ...blocks,
    "heddle COMMAND --help explains a command.\n",
  ].join("\n");
}

/** One command. */
export function commandHelp(command: Command, paint: Paint): string {
  const usage = ["usage: heddle", command.name, "[OPTIONS]", command.operands.usage].filter(
    (word) => word !== "",
  );
  const codes = Object.entries({ 0: "", ...command.exitCodes, 2: "" });
  return [
    `heddle ${command.name}: ${command.summary}\n`,
    `${usage.join(" ")}\n`,
    `${paint("bold", "examples")}\n${exampleRows(command.examples)}`,
    `${paint("bold", "options")}\n${optionRows([...command.options, ...globalOptions])}`,
    `${paint("bold", "exit codes")}\n${codes.map(([code, text]) => exitRow(Number(code), text)).join("")}`,
    environmentLine(command),
  ]
    .filter((block) => block !== "")
    .join("\n");
}

function exampleRows(examples: Command["examples"]): string {
  return examples.map(({ line, does }) => `  ${line}\n      ${does}\n`).join("");
}

function optionRows(options: readonly Option[]): string {
  const heads = options.map(({ name, short, value }) => {
    const head = `${short === undefined ? "   " : `-${short},`} --${name}`;
    return value === undefined ? head : `${head} ${value}`;
  });
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  return options
    .map(({ summary }, index) => `  ${(heads[index] ?? "").padEnd(width)}${summary}\n`)
    .join("");
}

function exitRow(code: number, text: string): string {
  return `  ${String(code).padEnd(5)}${text === "" ? (exitMeanings[code] ?? "") : text}\n`;
}

function environmentLine({ options }: Command): string {
  const first = options.find(({ value }) => value !== undefined);
  if (first === undefined) return "";
  const name = first.name.toUpperCase().replaceAll("-", "_");
  return `Each option with a value can also be set by HEDDLE_<NAME>, such as HEDDLE_${name}; the flag wins.\n`;
}

const groupTitles: Record<Command["group"], string> = {
  start: "start",
  see: "see",
  change: "change",
  meta: "more",
};
