import { test } from "tap";
import { addonPath, loadNative } from "./addon.ts";

test("a missing addon is an error that names the command which builds it", (t) => {
  process.env["HEDDLE_NATIVE"] = "/nonexistent/heddle.node";
  t.throws(() => loadNative(), { code: "HED5001", hint: "build it with `bash ci/setup`" });
  delete process.env["HEDDLE_NATIVE"];
  t.end();
});

test("without another file being named, the addon lies in the package", (t) => {
  t.match(addonPath(), /native\/heddle\.node$/);
  t.end();
});
