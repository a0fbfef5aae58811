/**
 * Runs the scenarios of one folder and prints a table of their verdicts, with what each of them measured.
 * Usage: npm run scenario -- NAME [--long]   (NAME is a folder of scenarios/; --long: the sizes of a release)
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
const [name = ""] = positionals;
const folder = join(import.meta.dirname, name);
const files = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith(".test.js"))
      .sort()
  : [];
if (name === "" || files.length === 0) {
  const names = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  process.stderr.write(`no scenario is called "${name}"; there are: ${names.join(", ")}\n`);
  process.exit(2);
}
if (values.long) process.env["HEDDLE_SCENARIO"] = "long";

await installTools((line) => process.stderr.write(`${line}\n`));
/** A file that hangs is ended. */
const timeoutMs = values.long ? 3_600_000 : 300_000;
const rows: RowVerdict[] = [];
for (const file of files) {
  process.stderr.write(`-- ${file}\n`);
  const { output, counts } = await runTestFile(join(folder, file), { timeoutMs });
  if (counts.failed > 0) process.stderr.write(output);
  rows.push(...verdictsOf(output, file));
}
process.stdout.write(writeVerdicts(rows));
process.exitCode = rows.every(({ passed }) => passed) ? 0 : 1;
