import { join } from "node:path";
import { test, type Test } from "tap";
import { formatDiagnostics, parseResources, withEndpointFiles } from "./index.ts";
import type { Resources, SourceFile, WithEndpointFiles } from "./index.ts";

/** The mesh of a folder in which the files are, as it was read. */
function parsed(
  t: Test,
  files: Record<string, string>,
): { resources: Resources; folder: string; list: string } {
  const folder = t.testdir(files);
  const text = `mesh: shop
services:
  web: { port: 9001, endpoints: [10.0.0.9:80], endpointsFile: web.yaml }
  api: { endpointsFile: ./web.yaml }
`;
  const { resources } = parseResources([{ path: join(folder, "mesh.yaml"), text }]);
  if (resources === undefined) throw new Error("the mesh is right");
  return { resources, folder, list: join(folder, "web.yaml") };
}

function addressesOf({ resources }: WithEndpointFiles): string[][] | undefined {
  return resources?.mesh.services.map(({ endpoints }) =>
    endpoints.map((one) => ("host" in one ? one.host : one.kind)),
  );
}

/** What is said of a list, with places in it. */
async function saidOf(t: Test, text: string): Promise<string[]> {
  const { resources, folder } = parsed(t, { "web.yaml": text });
  const { resources: usable, diagnostics } = await withEndpointFiles(resources);
  t.equal(usable, undefined, "it is not used in part");
  const lines = formatDiagnostics(diagnostics).replaceAll(`${folder}/`, "").split("\n");
  return lines.filter((line) => !line.startsWith("    fix: "));
}

test("endpoints of a file stand behind those of the mesh, for each service that names the file", async (t) => {
  const text = '{"endpoints": ["10.0.0.1:80", {"address": "10.0.0.2:80", "weight": 2}]}';
  const { resources, list } = parsed(t, { "web.yaml": text });
  const result = await withEndpointFiles(resources);
  t.strictSame(addressesOf(result), [
    ["10.0.0.9", "10.0.0.1", "10.0.0.2"],
    ["10.0.0.1", "10.0.0.2"],
  ]);
  t.strictSame(result.files, [{ path: list, text }]);
  t.strictSame(result.paths, [list]);
});

test("an empty list is a service without endpoints", async (t) => {
  const { resources } = parsed(t, { "web.yaml": "endpoints: []\n" });
  t.strictSame(addressesOf(await withEndpointFiles(resources)), [["10.0.0.9"], []]);
});

test("a file that is wrong leaves what it said when it was right, and is reported with its place", async (t) => {
  const { resources, folder, list } = parsed(t, { "web.yaml": "endpoints:\n  - 10.0.0.1\n" });
  const earlier: SourceFile[] = [{ path: list, text: "endpoints: [10.0.0.7:80]\n" }];
  const result = await withEndpointFiles(resources, earlier);
  t.strictSame(addressesOf(result), [["10.0.0.9", "10.0.0.7"], ["10.0.0.7"]]);
  t.strictSame(result.files, earlier);
  t.strictSame(result.diagnostics, []);
  t.match(result.kept, [{ code: "HED2115", position: { file: `${folder}/web.yaml`, line: 2 } }]);
});

test("a file that is gone leaves what it said, and without anything from before it is an error", async (t) => {
  const { resources, folder, list } = parsed(t, {});
  const earlier: SourceFile[] = [{ path: list, text: "endpoints: [10.0.0.7:80]\n" }];
  t.strictSame(addressesOf(await withEndpointFiles(resources, earlier))?.[1], ["10.0.0.7"]);

  const result = await withEndpointFiles(resources);
  t.equal(result.resources, undefined);
  const position = { file: join(folder, "mesh.yaml"), line: 3, column: 63 };
  t.match(result.diagnostics, [{ code: "HED2001", position }]);
});

test("every mistake in a list is named in its place", async (t) => {
  t.strictSame(await saidOf(t, ""), [
    "web.yaml:1:1  error HED2017  the file has no list of endpoints",
  ]);
  t.strictSame(await saidOf(t, "- 10.0.0.1:80\n"), [
    "web.yaml:1:1  error HED2004  the document is not a map of fields",
  ]);
  t.strictSame(await saidOf(t, "endpoints: []\n---\nendpoints: []\n"), [
    "web.yaml:3:1  error HED2017  a second document in a file of endpoints",
  ]);
  t.strictSame(await saidOf(t, "endpoints: [10.0.0.1:80\n"), [
    "web.yaml:2:1  error HED2002  not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]",
  ]);
  t.strictSame(await saidOf(t, "endpoints:\n  - { address: 10.0.0.1:80, wieght: 2 }\n"), [
    "web.yaml:2:29  error HED2010  unknown field 'wieght' in endpoints[0] (did you mean weight?)",
  ]);
});
