import { test } from "tap";
import { machinePaths } from "./machine-paths.ts";
import { treeInMemory } from "./tree.ts";

test("a home folder and a registry address are found", (t) => {
  const tree = treeInMemory({
    "ci/setup": "cd /ho" + "me/someone\ncurl https://reg" + "istry.example\n",
    "README.md": "It lives in `/ro" + "ot/.cache`.\n",
  });
  t.strictSame(
    machinePaths.check(tree).map(({ path, line }) => `${path}:${line}`),
    ["ci/setup:1", "README.md:1", "ci/setup:2"],
  );
  t.end();
});

test("a path of a request that only looks like one is let through", (t) => {
  t.strictSame(
    machinePaths.check(treeInMemory({ "a.ts": 'get("example.test/ho' + 'me/x");\n' })),
    [],
  );
  t.end();
});
