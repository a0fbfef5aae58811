// Program: writes native/wire/rules.md, and fails when a rule has no test. Runs in the root of the repository.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { protocolRules } from "./protocol-rules.ts";
import { ruleTable } from "./rule-table.ts";

const ROOMS = ["stats", "wire", "proxy", "driver"];

/** Paths of the Rust sources of a room, relative to `native/`. */
async function sources(room: string): Promise<string[]> {
  const paths = await readdir(join("native", room), { recursive: true });
  return paths.filter((path) => path.endsWith(".rs")).map((path) => `${room}/${path}`);
}

const paths = (await Promise.all(ROOMS.map(sources))).flat();
const files = paths.map(async (path) => ({
  path,
  text: await readFile(join("native", path), "utf8"),
}));
const { markdown, missing } = ruleTable(protocolRules, await Promise.all(files));
await writeFile("native/wire/rules.md", markdown);
if (missing.length > 0) {
  process.stderr.write(`rules without a test: ${missing.join(", ")}\n`);
  process.exitCode = 1;
}
