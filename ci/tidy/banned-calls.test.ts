import { test } from "tap";
import { bannedCalls } from "./banned-calls.ts";
import { treeInMemory } from "./tree.ts";

test("the addon is loaded in src/shard only", (t) => {
  const text = 'process.dlopen(module, "x");\n';
  const tree = treeInMemory({ "src/agent/index.ts": text, "src/shard/native.ts": text });
  t.strictSame(
    bannedCalls.check(tree).map(({ path }) => path),
    ["src/agent/index.ts"],
  );
  t.end();
});

test("the compiler reads no clock", (t) => {
  const text = "const now = Date.now();\n";
  const tree = treeInMemory({ "src/compile/index.ts": text, "src/compile/index.test.ts": text });
  t.strictSame(
    bannedCalls.check(tree).map(({ path, message }) => [path, message]),
    [["src/compile/index.ts", "time comes in as an argument"]],
  );
  t.end();
});

test("protocol code opens no socket", (t) => {
  const text = "use std::net::TcpStream;\n";
  const tree = treeInMemory({
    "native/proxy/src/lib.rs": text,
    "native/driver/src/lib.rs": text,
  });
  t.strictSame(
    bannedCalls.check(tree).map(({ path }) => path),
    ["native/proxy/src/lib.rs"],
  );
  t.end();
});
