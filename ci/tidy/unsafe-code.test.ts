import { test } from "tap";
import { treeInMemory } from "./tree.ts";
import { unsafeCode } from "./unsafe-code.ts";

const forbid = "#![forbid(unsafe_code)]\n";

test("a crate that does not forbid it is found", (t) => {
  const tree = treeInMemory({ "native/wire/src/lib.rs": "", "native/stats/src/lib.rs": forbid });
  t.strictSame(
    unsafeCode.check(tree).map(({ path }) => path),
    ["native/wire/src/lib.rs"],
  );
  t.end();
});

test("an unsafe block is found outside driver and binding", (t) => {
  const text = "fn f() { unsafe { g() } }\n";
  const tree = treeInMemory({
    "native/wire/src/head.rs": text,
    "native/driver/src/epoll.rs": text,
    "native/binding/src/lib.rs": text,
  });
  t.strictSame(
    unsafeCode.check(tree).map(({ path, line }) => `${path}:${line}`),
    ["native/wire/src/head.rs:1"],
  );
  t.end();
});
