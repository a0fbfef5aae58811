// The shape of one command. Help, completion scripts and the parser all read this table row; the code behind it is
// loaded when the command runs and not before.
import type { Terminal } from "./terminal.ts";

export interface Command {
  /** One word, or two for a verb with an object such as `config view`. */
  name: string;
  group: "start" | "see" | "change" | "meta";
  summary: string;
  /** Words after the options, as help shows them; empty when there are none. */
  operands: Operands;
  options: readonly Option[];
  examples: readonly Example[];
  /** Beside 0 and 2, with what they mean here. */
  exitCodes: Readonly<Record<number, string>>;
  load(): Promise<CommandModule>;
}

export interface Operands {
  usage: string;
  countMax: number;
  /** Fixed words to choose from; completion offers them. */
  choices?: readonly string[];
  /** File names are expected; completion offers those. */
  files?: boolean;
}

export interface Option {
  name: string;
  short?: string;
  /** Placeholder of the value; absent for a switch. */
  value?: string;
  summary: string;
  choices?: readonly string[];
  files?: boolean;
}

export interface Example {
  line: string;
  does: string;
}

export interface CommandModule {
  /** Resolves with the exit code. */
  run(invocation: Invocation): Promise<number>;
}

export interface Invocation {
  /** Values by option name, from the flag or else from `HEDDLE_<NAME>`. */
  values: Readonly<Record<string, string | undefined>>;
  switches: ReadonlySet<string>;
  operands: readonly string[];
  terminal: Terminal;
}

/** What the user typed cannot be carried out; ends with exit code 2. */
export class UsageError extends Error {}
