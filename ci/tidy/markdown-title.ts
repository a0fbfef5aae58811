/** A markdown document has exactly one title. */
import type { Finding, Rule } from "./tree.ts";

export const markdownTitle: Rule = {
  name: "markdown has one title",
  check: (tree) =>
    tree.sources
      .filter((path) => path.endsWith(".md"))
      .map((path) => ({ path, titles: titlesOf(tree.read(path)) }))
      .filter(({ titles }) => titles !== 1)
      .map(({ path, titles }): Finding => ({
        path,
        message: `${titles} titles; a document has one`,
      })),
};

function titlesOf(text: string): number {
  const withoutCode = text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "");
  return [...withoutCode.matchAll(/^# \S/gm)].length;
}
