import { test } from "tap";
import { lockSources } from "./lock-sources.ts";
import { treeInMemory } from "./tree.ts";

const npmLock = '{ "packages": { "": {}, "node_modules/a": { "integrity": "sha512-x" } } }';

function messages(cargoLock: string, packageLock: string): string[] {
  const tree = treeInMemory({ "native/Cargo.lock": cargoLock, "package-lock.json": packageLock });
  return lockSources.check(tree).map(({ message }) => message);
}

test("a crate from a repository and a banned crate are found", (t) => {
  const cargoLock = `version = 4

[[package]]
name = "memchr"
source = "${"reg" + "istry"}+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "fork"
source = "git+https://example.test/fork"

[[package]]
name = "webpki"

[[package]]
name = "rustls-webpki"
`;
  t.match(messages(cargoLock, npmLock), [/^fork comes from git/, /^webpki is banned/]);
  t.end();
});

test("an npm package with an address or without a hash is found", (t) => {
  const packageLock = '{ "packages": { "node_modules/a": { "resolved": "file:../a" } } }';
  t.match(messages("", packageLock), [/names its address/, /has no integrity hash/]);
  t.end();
});

test("an optional npm package without an entry is found", (t) => {
  const packageLock =
    '{ "packages": { "node_modules/a": { "integrity": "x", "optionalDependencies": { "b": "1" } } } }';
  t.match(messages("", packageLock), [/^b is not locked/]);
  t.end();
});

test("a plain lock file is let through", (t) => {
  t.strictSame(messages("", npmLock), []);
  t.end();
});
