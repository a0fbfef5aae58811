import { test } from "tap";
import { dependencies } from "./dependencies.ts";
import { treeInMemory } from "./tree.ts";

function findings(change: Record<string, string>): string[] {
  const tree = treeInMemory({
    "package.json": '{ "dependencies": { "yaml": "2.9.1" } }',
    "native/Cargo.toml": '[workspace.dependencies]\nwire = { path = "wire" }\nmemchr = "=2.7.6"\n',
    "src/dependencies.md": "# Dependencies\n- `yaml`: reads files.\n- `memchr`: finds bytes.\n",
    ...change,
  });
  return dependencies.check(tree).map(({ message }) => message);
}

test("exact and explained dependencies are let through", (t) => {
  t.strictSame(findings({}), []);
  t.end();
});

test("a range is found in both ecosystems", (t) => {
  t.match(findings({ "package.json": '{ "dependencies": { "yaml": "^2.9.1" } }' }), [
    /one exact version/,
  ]);
  t.match(findings({ "native/Cargo.toml": '[workspace.dependencies]\nmemchr = "2"\n' }), [
    /no exact version/,
  ]);
  t.match(findings({ "native/fuzz/Cargo.toml": '[dependencies]\nx = "1"\n' }), [
    /no exact version/,
  ]);
  t.end();
});

test("a dependency without a reason is found", (t) => {
  t.match(findings({ "src/dependencies.md": "# Dependencies\n- `yaml`: reads files.\n" }), [
    /^memchr has no line/,
  ]);
  t.end();
});

test("a longer name does not explain a shorter one", (t) => {
  const reasons = "# Dependencies\n- yaml: reads files.\n- memchr-derive: other.\n";
  t.match(findings({ "src/dependencies.md": reasons }), [/^memchr has no line/]);
  t.end();
});

test("an eleventh runtime dependency is found", (t) => {
  const names = Array.from({ length: 11 }, (_, index) => `p${index}`);
  const manifest = { dependencies: Object.fromEntries(names.map((name) => [name, "1.0.0"])) };
  const reasons = [...names, "memchr"].map((name) => `\`${name}\`: reason`).join("\n");
  t.match(findings({ "package.json": JSON.stringify(manifest), "src/dependencies.md": reasons }), [
    /11 runtime dependencies; at most 10/,
  ]);
  t.end();
});
