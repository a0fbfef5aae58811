import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { seededRandom } from "../lib/seeded-random.ts";
import { parseResources } from "../resources/index.ts";
import { type Snapshot, decode, encode } from "../snapshot/index.ts";
import { compile, edgesOf } from "./index.ts";

/** The golden files stand beside the sources; the data plane reads the same ones. */
const folder = join(import.meta.dirname, "..", "..", "..", "src", "compile", "golden");
const goldenNames = ["shop", "routes"];
const addresses = new Map([["db.internal", ["10.0.0.7", "10.0.0.6"]]]);

for (const name of goldenNames) {
  test(`${name}.yaml compiles to its golden snapshot, byte for byte`, (t) => {
    const snapshot = compiled([read(`${name}.yaml`)]);

    const bytes = Buffer.from(encode(snapshot)).toString();

    t.equal(bytes, read(`${name}.json`));
    t.strictSame(decode(Buffer.from(bytes)), snapshot, "and decodes to the same");
    t.end();
  });
}

test("any order of the documents gives the same rules and services", (t) => {
  const [mesh = "", ...routes] = read("routes.yaml").split("---\n");
  const random = seededRandom(7);
  const straight = compiled([mesh, ...routes]);

  for (let round = 0; round < 20; round += 1) {
    const shuffled = [mesh, ...routes].sort(() => random() - 0.5);
    const other = compiled(shuffled);
    const bare = (rules: typeof other.rules): unknown =>
      rules.map(({ origin: _origin, ...rule }) => rule);
    t.strictSame(bare(other.rules), bare(straight.rules));
    t.strictSame(other.endpoints, straight.endpoints);
  }
  t.end();
});

test("of two routes the older one comes first, whatever the files say first", (t) => {
  const { rules } = compiled([read("routes.yaml")]);
  t.strictSame(
    rules.map(({ route }) => route),
    ["default/older", "default/younger", "default/younger"],
  );
  t.end();
});

test("a DNS name without addresses yields no endpoint and a warning", (t) => {
  const resources = parse([read("shop.yaml")]);
  const ports = new Map([["web->api", 15101]]);

  const result = compile({
    resources,
    ports,
    addresses: new Map([["db.internal", []]]),
    version: 1,
    endpointsVersion: 1,
  });

  t.strictSame(result.compiled?.snapshot.endpoints.services[2], [{ address: "10.0.0.5:5432" }]);
  t.strictSame(
    result.diagnostics.map(({ code }) => code),
    ["HED2204"],
  );
  t.end();
});

test("every declared upstream is an edge and has a listener of its own", (t) => {
  const resources = parse([read("shop.yaml")]);
  t.strictSame(edgesOf(resources), [{ source: "web", target: "api" }]);
  const outbound = compiled([read("shop.yaml")]).listeners.filter(({ source }) => source);
  t.match(outbound, [{ name: "web->api", address: "127.0.0.1:15101", source: "web" }]);
  t.end();
});

function read(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

function parse(
  texts: readonly string[],
): NonNullable<ReturnType<typeof parseResources>["resources"]> {
  const files = texts.map((text, index) => ({ path: `file-${index}.yaml`, text }));
  const { resources, diagnostics } = parseResources(files);
  if (resources === undefined) throw new Error(JSON.stringify(diagnostics));
  return resources;
}

function compiled(texts: readonly string[]): Snapshot {
  const ports = new Map([["web->api", 15101]]);
  const resources = parse(texts);
  const result = compile({ resources, ports, addresses, version: 1, endpointsVersion: 1 });
  if (result.compiled === undefined) throw new Error(JSON.stringify(result.diagnostics));
  return result.compiled.snapshot;
}
