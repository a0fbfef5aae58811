import { test } from "tap";
import { editDistance, nearest } from "./nearest.ts";

test("insertions, deletions, replacements and swaps count one each", (t) => {
  t.equal(editDistance("port", "port"), 0);
  t.equal(editDistance("prt", "port"), 1);
  t.equal(editDistance("porrt", "port"), 1);
  t.equal(editDistance("pork", "port"), 1);
  t.equal(editDistance("prot", "port"), 1);
  t.equal(editDistance("", "port"), 4);
  t.end();
});

test("the nearest word is offered, whatever the case", (t) => {
  t.equal(nearest("api-v3", ["web", "api-v2", "db"]), "api-v2");
  t.equal(nearest("Httproute", ["GRPCRoute", "HTTPRoute"]), "HTTPRoute");
  t.end();
});

test("a word that is too far away is not offered", (t) => {
  t.equal(nearest("owner", ["mesh", "services"]), undefined);
  t.equal(nearest("ab", ["xy"]), undefined);
  t.equal(nearest("api", []), undefined);
  t.end();
});
