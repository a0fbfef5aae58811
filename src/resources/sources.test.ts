import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "tap";
import { readSources } from "./sources.ts";

test("a folder gives its own YAML and JSON files, sorted by name", async (t) => {
  const folder = t.testdir({
    "b.yml": "b",
    "a.json": "a",
    "c.yaml": "c",
    ".hidden.yaml": "x",
    "notes.md": "x",
    below: { "d.yaml": "x" },
  });
  t.strictSame(await readSources(folder), [
    { path: join(folder, "a.json"), text: "a" },
    { path: join(folder, "b.yml"), text: "b" },
    { path: join(folder, "c.yaml"), text: "c" },
  ]);
});

test("a file is read under the name that the user gave it", async (t) => {
  const path = `${t.testdir({ "c.yaml": "c" })}/./c.yaml`;
  t.strictSame(await readSources(path), [{ path, text: "c" }]);
});

test("a dash reads standard input", async (t) => {
  const stdin = Readable.from([Buffer.from("mesh: \xc3", "latin1"), Buffer.from([0xbc])]);
  t.strictSame(await readSources("-", stdin), [{ path: "<stdin>", text: "mesh: ü" }]);
});

test("what does not exist and a folder without files are refused by code", async (t) => {
  const folder = t.testdir({ "notes.md": "x" });
  await t.rejects(readSources(join(folder, "nowhere.yaml")), { code: "HED2001" });
  await t.rejects(readSources(folder), { code: "HED2001" });
});
