import { test } from "tap";
import { patternProblem } from "./pattern.ts";

test("patterns as people write them pass", (t) => {
  const patterns = [
    "/v[0-9]+/users/[^/]+",
    "/(a|b|)(?:c)?",
    "(?i)beta|gamma",
    "\\d{4}-\\d{2}-\\d{2}",
    "^/items/.*$",
    "[-a-z0-9._~]{1,64}?",
    "[\\w\\-\\]]+\\.html",
    "a]}",
    "\\bword\\b",
  ];
  for (const pattern of patterns) t.equal(patternProblem(pattern), undefined, pattern);
  t.end();
});

test("what takes more than linear time is refused with its place", (t) => {
  t.match(patternProblem("ab(?=c)"), { message: /looks around/, at: 2 });
  t.match(patternProblem("ab(?<!c)"), { message: /looks around/, at: 2 });
  t.match(patternProblem("(a)\\1"), { message: /refers back with \\1/, at: 3 });
  t.end();
});

test("slips are told apart", (t) => {
  t.match(patternProblem("/a)"), { message: "has a ')' without '('", at: 2 });
  t.match(patternProblem("/(a"), { message: "has a '(' without ')'", at: 1 });
  t.match(patternProblem("/[a"), { message: "has a '[' without ']'", at: 1 });
  t.match(patternProblem("[]a]"), { message: "has a ']' in a class", at: 1 });
  t.match(patternProblem("[[:alpha:]]"), { message: "has a '[' in a class", at: 1 });
  t.match(patternProblem("[a&&b]"), { message: "has an operator in a class" });
  t.match(patternProblem("[z-a]"), { message: "has the range z-a, which holds nothing", at: 1 });
  t.match(patternProblem("*.html"), { message: "has a '*' with nothing to repeat", at: 0 });
  t.match(patternProblem("a{x}"), { message: "has a '{' that counts nothing", at: 1 });
  t.match(patternProblem("a{5,2}"), { hint: "write {2,5}" });
  t.match(patternProblem("a++"), { message: "repeats a repetition" });
  t.match(patternProblem("^*"), { message: "repeats a position, which is nowhere" });
  t.match(patternProblem("a\\q"), { message: "has the unknown escape \\q", at: 1 });
  t.match(patternProblem("a\\"), { message: "ends with a \\" });
  t.match(patternProblem("(?P<name>a)"), { message: "has a group of an unknown kind", at: 0 });
  t.match(patternProblem("/ü"), { message: "has a character that is not of ASCII", at: 1 });
  t.end();
});

test("length, size and depth have limits", (t) => {
  t.equal(patternProblem("a".repeat(1024)), undefined);
  t.match(patternProblem("a".repeat(1025)), { message: "has 1025 characters; 1024 are the most" });
  t.equal(patternProblem("[a-z]{400}"), undefined);
  t.match(patternProblem("(a{100}){100}"), { message: "takes more than 64 KiB" });
  t.match(patternProblem(`${"(".repeat(33)}a${")".repeat(33)}`), {
    message: /more than 32 parentheses/,
  });
  t.end();
});
