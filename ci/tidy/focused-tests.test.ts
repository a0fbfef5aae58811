import { test } from "tap";
import { focusedTests } from "./focused-tests.ts";
import { treeInMemory } from "./tree.ts";

test("a test that runs alone, one that is skipped and one that is ignored are found", (t) => {
  const tree = treeInMemory({
    "src/a.test.ts": "test.on" + 'ly("a", f);\ntest("b", { sk' + "ip: true }, f);\n",
    "native/wire/src/tests.rs": "#[ig" + "nore]\nfn a() {}\n",
  });
  t.strictSame(
    focusedTests.check(tree).map(({ path, line }) => `${path}:${line}`),
    ["src/a.test.ts:1", "src/a.test.ts:2", "native/wire/src/tests.rs:1"],
  );
  t.end();
});

test("a plain test is let through", (t) => {
  t.strictSame(focusedTests.check(treeInMemory({ "src/a.test.ts": 'test("a", f);\n' })), []);
  t.end();
});
