import { test } from "tap";
import { table } from "./table.ts";

test("the first column stands left and the others right", (t) => {
  const text = table(
    ["side", "cpu"],
    [
      ["haproxy", "15.3"],
      ["js", "120.25"],
    ],
  );
  t.equal(text, ["side        cpu", "haproxy    15.3", "js       120.25"].join("\n"));
  t.end();
});
