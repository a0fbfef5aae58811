// `heddle completion`: a script for the shell, generated from the table of commands.
import { bashScript } from "./completion-bash.ts";
import { fishScript } from "./completion-fish.ts";
import { powershellScript } from "./completion-powershell.ts";
import { zshScript } from "./completion-zsh.ts";
import { UsageError, type Command, type Invocation, type Option } from "./command.ts";
import { commands, globalOptions } from "./commands.ts";

export function run({ operands, terminal }: Invocation): Promise<number> {
  const [shell = ""] = operands;
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (write === undefined)
    throw new UsageError(`completion needs one of ${Object.keys(shells).join(", ")}`);
  terminal.out(write(commands.map(completionOf)));
  return Promise.resolve(0);
}

/** What a completion script needs of a command. */
export interface Completion {
  /** The words of the name. */
  words: readonly string[];
  summary: string;
  options: readonly Option[];
  /** Fixed operands. */
  choices: readonly string[];
  files: boolean;
}

function completionOf(command: Command): Completion {
  return {
    words: command.name.split(" "),
    summary: command.summary,
    options: [...command.options, ...globalOptions],
    choices:
      command.name === "help"
        ? [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? name))]
        : (command.operands.choices ?? []),
    files: command.operands.files === true,
  };
}

const shells: Readonly<Record<string, (completions: readonly Completion[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};
