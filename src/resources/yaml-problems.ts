// The words for what is wrong with YAML: the parser's codes, each with a way out.

/** How to repair a syntax error of this code. */
export function yamlHint(code: string): string {
  return hints[code] ?? "check the indentation, quotes and brackets around this place";
}

const hints: Record<string, string> = {
  BAD_ALIAS: "define the anchor (&name) before the alias (*name)",
  BAD_DQ_ESCAPE: "write a backslash in double quotes as \\\\, or use single quotes",
  BAD_INDENT: "indent the lines of one block by the same number of spaces; close every bracket",
  BAD_SCALAR_START: "put the value in quotes: @ and ` cannot start a plain one",
  BLOCK_AS_IMPLICIT_KEY: "put a value that holds ': ' in quotes, or start a new line after the key",
  BLOCK_IN_FLOW: "inside { } and [ ] use only { } and [ ]",
  COMMENT_SPACE: "put a space before #",
  DUPLICATE_KEY: "keep one of them",
  MISSING_CHAR: "add the missing character",
  MULTILINE_IMPLICIT_KEY: "add ':' after the key, or put the text in quotes",
  TAB_AS_INDENT: "indent with spaces instead of tabs",
  UNEXPECTED_TOKEN: "put the value in quotes, or align it with the lines above",
};
