import { test } from "tap";
import { brokenManifests } from "./fixtures/broken.ts";
import { formatDiagnostics, parseResources } from "./index.ts";

for (const { name, files, expected } of brokenManifests) {
  test(`lint names every mistake with its place: ${name}`, (t) => {
    const byName = typeof files === "string" ? { "mesh.yaml": files } : files;
    const sources = Object.entries(byName).map(([path, text]) => ({ path, text }));

    const { resources, diagnostics } = parseResources(sources);

    const lines = formatDiagnostics(diagnostics).split("\n");
    t.strictSame(
      lines.filter((line) => line !== "" && !line.startsWith(" ")),
      expected,
    );
    t.ok(
      diagnostics.every(({ hint }) => hint.length > 0),
      "each has a fix",
    );
    const wrong = diagnostics.some(({ severity }) => severity === "error");
    t.equal(resources === undefined, wrong, "resources only without errors");
    t.end();
  });
}
