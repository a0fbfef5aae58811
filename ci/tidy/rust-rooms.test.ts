import { test } from "tap";
import { rustRooms } from "./rust-rooms.ts";
import { treeInMemory } from "./tree.ts";

test("a crate that enters a higher room is found", (t) => {
  const tree = treeInMemory({
    "native/decide/Cargo.toml":
      "[dependencies]\nsnapshot.workspace = true\nproxy.workspace = true\n",
  });
  t.strictSame(rustRooms.check(tree), [
    { path: "native/decide/Cargo.toml", line: 3, message: "decide must not enter proxy" },
  ]);
  t.end();
});

test("a path, a table of its own and a development dependency are seen too", (t) => {
  const tree = treeInMemory({
    "native/wire/Cargo.toml": '[dependencies]\nheddle-proxy = { path = "../proxy" }\n',
    "native/stats/Cargo.toml": '[dependencies.driver]\npath = "../driver"\n',
    "native/snapshot/Cargo.toml": "[dev-dependencies]\ndecide.workspace = true\n",
  });
  t.strictSame(
    rustRooms.check(tree).map(({ message }) => message),
    ["wire must not enter proxy", "stats must not enter driver", "snapshot must not enter decide"],
  );
  t.end();
});

test("crates that belong to one room are found elsewhere", (t) => {
  const tree = treeInMemory({
    "native/proxy/Cargo.toml": "[dependencies]\nrustix.workspace = true\n",
    "native/driver/Cargo.toml": '[dependencies]\nrustix.workspace = true\ntokio = "1"\n',
  });
  t.strictSame(
    rustRooms.check(tree).map(({ message }) => message),
    ["rustix belongs to binding, driver, hold, load", "tokio is not used here"],
  );
  t.end();
});

test("a room that has no row may enter none", (t) => {
  const tree = treeInMemory({
    "native/extra/Cargo.toml": "[dependencies]\nwire.workspace = true\n",
  });
  t.strictSame(
    rustRooms.check(tree).map(({ message }) => message),
    ["extra is not in the table of rooms; give it a row"],
  );
  t.end();
});
