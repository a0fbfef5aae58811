import { test } from "tap";
import { fileSize } from "./file-size.ts";
import { treeInMemory } from "./tree.ts";

test("a TypeScript file past 600 lines and a Rust file past 1000 are found", (t) => {
  const tree = treeInMemory({
    "a.ts": "\n".repeat(600),
    "b.ts": "\n".repeat(601),
    "c.rs": "\n".repeat(1000),
    "d.rs": "\n".repeat(1001),
    "generated/e.ts": "\n".repeat(5000),
  });
  t.strictSame(
    fileSize.check(tree).map(({ path }) => path),
    ["b.ts", "d.rs"],
  );
  t.end();
});
