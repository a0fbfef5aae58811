/**
 * Runs the scenarios of one folder and prints a table of their verdicts, with what each of them measured.
 * Usage: npm run scenario -- NAME [ROW...] [--long]
 *   NAME is a folder of scenarios/, ROW how a file in it begins (all when none is named); --long: the sizes of a release
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runTestFile } from "../ci/test-file.ts";
import { installTools } from "./install-tools.ts";
import { verdictsOf, writeVerdicts, type RowVerdict } from "./verdict-table.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: "boolean", default: false } },
});
const [name = "", ...rows] = positionals;
const folder = join(import.meta.dirname, name);
const allFiles = testFilesOf(name);
if (name === "" || allFiles.length === 0) {
  const names = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && testFilesOf(entry.name).length > 0)
    .map((entry) => entry.name);
  refuse(`no scenario is called "${name}"; there are: ${names.join(", ")}`);
}
const unknown = rows.find((row) => !allFiles.some((file) => file.startsWith(row)));
if (unknown !== undefined) {
  const names = allFiles.map((file) => file.replace(".test.js", ""));
  refuse(`no row of ${name} begins with "${unknown}"; there are: ${names.join(", ")}`);
}
const files = allFiles.filter(
  (file) => rows.length === 0 || rows.some((row) => file.startsWith(row)),
);
if (values.long) process.env["HEDDLE_SCENARIO"] = "long";

await installTools((line) => process.stderr.write(`${line}\n`));
/** A file that hangs is ended. */
const timeoutMs = values.long ? 3_600_000 : 300_000;
const verdicts: RowVerdict[] = [];
for (const file of files) {
  process.stderr.write(`-- ${file}\n`);
  const { output, counts } = await runTestFile(join(folder, file), { timeoutMs });
  if (counts.failed > 0) process.stderr.write(output);
  verdicts.push(...verdictsOf(output, file));
}
process.stdout.write(writeVerdicts(verdicts));
process.exitCode = verdicts.every(({ passed }) => passed) ? 0 : 1;

function testFilesOf(scenario: string): string[] {
  const path = join(import.meta.dirname, scenario);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith(".test.js"))
    .sort();
}

function refuse(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}
