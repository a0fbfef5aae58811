import { test } from "tap";
import { markdownTitle } from "./markdown-title.ts";
import { treeInMemory } from "./tree.ts";

test("a document without a title and one with two are found", (t) => {
  const tree = treeInMemory({
    "none.md": "text\n",
    "two.md": "# a\n\n# b\n",
    "one.md": "# a\n\n## b\n",
  });
  t.strictSame(
    markdownTitle.check(tree).map(({ path }) => path),
    ["none.md", "two.md"],
  );
  t.end();
});

test("a comment in a code block is no title", (t) => {
  const text = "# a\n\n```sh\n# comment\nls\n```\n\n~~~\n# more\n~~~\n";
  t.strictSame(markdownTitle.check(treeInMemory({ "a.md": text })), []);
  t.end();
});
