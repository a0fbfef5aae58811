import { test } from "tap";
import { treeInMemory } from "./tree.ts";
import { unimportedFiles } from "./unimported-files.ts";

const tree = treeInMemory({
  "package.json": '{ "bin": { "heddle": "dist/src/cli/main.js" } }',
  "ci/check": "node dist/ci/tidy.js\n",
  "ci/tidy.ts": "",
  "src/cli/main.ts": 'await import("./commands.ts");',
  "src/cli/commands.ts":
    'import { a } from "../lib/a.ts"; new URL("./worker.js", import.meta.url);',
  "src/cli/worker.ts": "",
  "src/cli/main.test.ts": "",
  "src/lib/a.ts": "",
  "bench/peers/js.ts": 'import "../../src/cli/main.ts"; start(join(folder, "js-proxy.js"));',
  "bench/peers/js-proxy.ts": "",
  "bench/run.test.ts": 'import "./peers/js.ts";',
  "scenarios/demo/mesh.yaml": "web: { run: node ../../dist/scenarios/demo/web.js }",
  "scenarios/demo/web.ts": "",
  "src/lib/forgotten.ts": 'import { a } from "./a.ts";',
});

test("a file that nothing imports is found, and only that", (t) => {
  t.strictSame(
    unimportedFiles.check(tree).map(({ path }) => path),
    ["src/lib/forgotten.ts"],
  );
  t.end();
});
