// The completion script for bash.
import type { Completion } from "./completion.ts";

export function bashScript(completions: readonly Completion[]): string {
  const firsts = [...new Set(completions.map(({ words }) => words[0]))].join(" ");
  return `# bash completion for heddle
_heddle() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${firsts} --help --version" -- "$current"))
    return
  fi
  case "$command" in
${completions.map(branch).join("\n")}
  esac
}
complete -F _heddle heddle
`;
}

function branch({ words, options, choices, files }: Completion): string {
  const names = options.flatMap(({ name, short }) => [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ]);
  const second = words[1] === undefined ? [] : [words[1]];
  return `    ${words[0]})
      case "$previous" in
${options
  .filter(({ value }) => value !== undefined)
  .map(valueBranch)
  .join("\n")}
      esac
      COMPREPLY=($(compgen -W "${[...second, ...choices, ...names].join(" ")}" -- "$current"))
${files ? '      COMPREPLY+=($(compgen -f -- "$current"))\n' : ""}      ;;`;
}

function valueBranch({ name, short, choices, files }: Completion["options"][number]): string {
  const pattern = short === undefined ? `--${name}` : `--${name}|-${short}`;
  const reply = files === true ? `-f` : `-W "${(choices ?? []).join(" ")}"`;
  return `        ${pattern}) COMPREPLY=($(compgen ${reply} -- "$current")); return ;;`;
}
