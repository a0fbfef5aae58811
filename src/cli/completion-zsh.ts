// The completion script for zsh.
import type { Completion } from "./completion.ts";

export function zshScript(completions: readonly Completion[]): string {
  const firsts = completions.map(({ words, summary }) => `    ${quote(`${words[0]}:${summary}`)}`);
  return `#compdef heddle
_heddle() {
  local -a commands
  commands=(
${firsts.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${completions.map(branch).join("\n")}
  esac
}
compdef _heddle heddle
`;
}

function branch({ words, options, choices, files }: Completion): string {
  const operands = [...words.slice(1), ...choices];
  const specs = options.flatMap(
    ({ name, short, value, summary, choices: values, files: takesFiles }) => {
      const action =
        takesFiles === true ? "_files" : values === undefined ? " " : `(${values.join(" ")})`;
      const tail = `[${escape(summary)}]${value === undefined ? "" : `:${name}:${action}`}`;
      return [
        quote(`--${name}${tail}`),
        ...(short === undefined ? [] : [quote(`-${short}${tail}`)]),
      ];
    },
  );
  if (operands.length > 0) specs.push(quote(`*:operand:(${operands.join(" ")})`));
  else if (files) specs.push(quote("*:file:_files"));
  return `    ${words[0]}) shift words; (( CURRENT-- )); _arguments ${specs.join(" ")} ;;`;
}

function escape(text: string): string {
  return text.replaceAll(/[[\]:]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
