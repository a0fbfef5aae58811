import { test } from "tap";
import { blobSize } from "./blob-size.ts";
import { treeInMemory } from "./tree.ts";

test("a file of one byte too many is found", (t) => {
  const tree = treeInMemory({ small: "x".repeat(256 * 1024), large: "x".repeat(256 * 1024 + 1) });
  t.strictSame(
    blobSize.check(tree).map(({ path }) => path),
    ["large"],
  );
  t.end();
});
