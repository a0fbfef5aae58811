import { test } from "tap";
import { fill } from "./template.ts";

test("every place with a name gets its value", (t) => {
  const values = new Map<string, unknown>([
    ["port", 80],
    ["folder", "/run"],
  ]);
  t.equal(fill("{{port}} {{folder}}/{{port}} {port}", values), "80 /run/80 {port}");
  t.end();
});

test("a name without value is an error", (t) => {
  t.throws(() => fill("{{prot}}", new Map()), /prot/);
  t.end();
});
