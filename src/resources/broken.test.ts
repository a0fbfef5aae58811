import { test } from "tap";
import { brokenMeshes } from "./fixtures/broken-meshes.ts";
import { brokenRoutes } from "./fixtures/broken-routes.ts";
import { brokenManifests } from "./fixtures/broken.ts";
import { formatDiagnostics, parseResources } from "./index.ts";

for (const { name, files, expected } of [...brokenManifests, ...brokenMeshes, ...brokenRoutes]) {
  test(`every mistake is named in its place: ${name}`, (t) => {
    const texts = typeof files === "string" ? { "mesh.yaml": files } : files;
    const sources = Object.entries(texts).map(([path, text]) => ({ path, text }));

    const { resources, diagnostics } = parseResources(sources);

    const lines = formatDiagnostics(diagnostics).split("\n");
    t.strictSame(
      lines.filter((line) => !line.startsWith("    fix: ")),
      expected,
    );
    t.ok(
      diagnostics.every(({ hint }) => hint.length > 0),
      "each has a fix",
    );
    const wrong = diagnostics.some(({ severity }) => severity === "error");
    t.equal(resources === undefined, wrong, "there are resources when nothing is an error");
    t.end();
  });
}
