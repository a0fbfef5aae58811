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

test("a result of a measurement may be larger, up to a limit of its own", (t) => {
  const tree = treeInMemory({
    "bench/results/h1-a.json": "x".repeat(1024 * 1024),
    "bench/results/h1-b.json": "x".repeat(1024 * 1024 + 1),
  });
  t.strictSame(
    blobSize.check(tree).map(({ path }) => path),
    ["bench/results/h1-b.json"],
  );
  t.end();
});
