import { test } from "tap";
import { leftoverMarks } from "./leftover-marks.ts";
import { treeInMemory } from "./tree.ts";

test("a mark in TypeScript, a debug print in Rust and a mark in a script are found", (t) => {
  const tree = treeInMemory({
    "src/a.ts": "const a = 1;\n// TO" + "DO: more\n",
    "native/wire/src/lib.rs": "dbg" + "!(head);\n",
    "ci/setup": "# FIX" + "ME\n",
  });
  t.strictSame(
    leftoverMarks.check(tree).map(({ path, line }) => `${path}:${line}`),
    ["src/a.ts:2", "native/wire/src/lib.rs:1", "ci/setup:1"],
  );
  t.end();
});

test("words that contain a mark are no marks", (t) => {
  t.strictSame(leftoverMarks.check(treeInMemory({ "src/a.ts": "mastodon();\nTODOS;\n" })), []);
  t.end();
});
