/** Checks the rules of ci/tidy/ on the repository and ends with the line `N passed, N failed`. */
import { join } from "node:path";
import { countLine } from "./tap-counts.ts";
import { rules, treeOnDisk } from "./tidy/index.ts";

const tree = treeOnDisk(join(import.meta.dirname, "..", ".."));
const total = { passed: 0, failed: 0 };
for (const rule of rules) {
  const findings = rule.check(tree);
  if (findings.length === 0) total.passed += 1;
  else total.failed += 1;
  process.stdout.write(`${findings.length === 0 ? "ok    " : "not ok"}  ${rule.name}\n`);
  for (const { path, line, message } of findings) {
    process.stdout.write(`        ${line === undefined ? path : `${path}:${line}`}: ${message}\n`);
  }
}
process.stdout.write(`${countLine(total)}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
