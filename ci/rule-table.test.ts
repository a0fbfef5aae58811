import { test } from "tap";
import { ruleTable } from "./rule-table.ts";

const rules = [
  { id: "H1-03", rule: "a number" },
  { id: "P-2", rule: "a path" },
];

test("the files of tests stand once under the rule that the tests' names begin with", (t) => {
  const text = "#[test]\nfn h1_03_one() {}\n#[test]\nfn h1_03_two() {}\n#[test]\nfn p2_it() {}\n";
  const { markdown, missing } = ruleTable(rules, [{ path: "a.rs", text }]);
  t.match(markdown, "| H1-03 | a number | `a.rs` |");
  t.match(markdown, "| P-2 | a path | `a.rs` |");
  t.strictSame(missing, []);
  t.end();
});

test("a rule that no test names is missing, and a function that is no test proves nothing", (t) => {
  const text = "#[test]\nfn h1_030_other() {}\nfn p2_helper() {}\n";
  const { missing } = ruleTable(rules, [{ path: "a.rs", text }]);
  t.strictSame(missing, ["H1-03", "P-2"]);
  t.end();
});
