// The completion script for fish.
import type { Completion } from "./completion.ts";

export function fishScript(completions: readonly Completion[]): string {
  const lines = completions.flatMap(({ words, summary, options, choices, files }) => {
    const first = words[0] ?? "";
    const under = `-n '__fish_seen_subcommand_from ${first}'`;
    return [
      `complete -c heddle -n __fish_use_subcommand -f -a ${first} -d ${quote(summary)}`,
      ...[...words.slice(1), ...choices].map((word) => `complete -c heddle ${under} -f -a ${word}`),
      ...(files ? [`complete -c heddle ${under} -F`] : [`complete -c heddle ${under} -f`]),
      ...options.map((option) => `complete -c heddle ${under} ${optionWords(option)}`),
    ];
  });
  return `# fish completion for heddle\n${lines.join("\n")}\n`;
}

function optionWords({
  name,
  short,
  value,
  summary,
  choices,
  files,
}: Completion["options"][number]): string {
  const words = [`-l ${name}`];
  if (short !== undefined) words.push(`-s ${short}`);
  if (value !== undefined) words.push(files === true ? "-r -F" : "-x");
  if (choices !== undefined) words.push(`-a ${quote(choices.join(" "))}`);
  return [...words, `-d ${quote(summary)}`].join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
