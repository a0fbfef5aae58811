// The completion script for PowerShell.
import type { Completion } from "./completion.ts";

export function powershellScript(completions: readonly Completion[]): string {
  const firsts = list(completions.map(({ words }) => words[0] ?? ""));
  return `# PowerShell completion for heddle
Register-ArgumentCompleter -Native -CommandName heddle -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | ForEach-Object { $_.ToString() })
  $below = @{
${completions.map(branch).join("\n")}
  }
  $typed = if ($wordToComplete) { $words.Count - 1 } else { $words.Count }
  $candidates = if ($typed -le 1) { ${firsts} } else { $below[$words[1]] }
  $candidates | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}

function branch({ words, options, choices }: Completion): string {
  return `    ${quote(words[0] ?? "")} = ${list([...words.slice(1), ...choices, ...options.map(({ name }) => `--${name}`)])}`;
}

function list(words: readonly string[]): string {
  return `@(${words.map(quote).join(", ")})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
