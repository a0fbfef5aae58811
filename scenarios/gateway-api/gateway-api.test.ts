// Upstream's own example manifests: what they say is taken as it is, or refused by name.
import type { Test } from "tap";
import { parse, stringify } from "yaml";
import { compile } from "../../src/compile/index.ts";
import { parseResources, routeStatus, type Diagnostic } from "../../src/resources/index.ts";
import { scenario } from "../support/scenario.ts";
import { type Example, examplesOf } from "./examples.ts";

/** Kind of a backend that is no Service of the mesh. */
const otherBackend = ["/spec/rules/backendRefs/group", "/spec/rules/backendRefs/kind"];
/** What is refused, by file. */
const notServed: Record<string, string[]> = {
  "default-match-http.yaml": otherBackend,
  "http-request-mirroring/httproute-mirroring.yaml": ["/spec/rules/filters/type"],
  "multicluster/httproute-gamma.yaml": ["/spec/parentRefs/kind", ...otherBackend],
  "multicluster/httproute-hybrid.yaml": otherBackend,
  "multicluster/httproute-location.yaml": otherBackend,
  "multicluster/httproute-method.yaml": otherBackend,
  "multicluster/httproute-referencegrant.yaml": otherBackend,
  "multicluster/httproute-simple.yaml": otherBackend,
};

scenario(
  "the routes of the examples load unchanged, and say that a Gateway is elsewhere",
  async (t) => {
    const examples = await installed(t);
    const refused: Record<string, string[]> = {};
    const conditions = new Set<string>();

    for (const { path, text } of examples) {
      const files = [
        { path: "mesh.yaml", text: meshOf([]) },
        { path, text },
      ];
      const { resources, routes, diagnostics } = parseResources(files);
      if (resources === undefined) refused[path] = errorsOf(diagnostics);
      else
        for (const { parentRef, conditions: found } of routes.flatMap(routeStatus))
          conditions.add(`${parentRef.kind}: ${found.map(({ reason }) => reason).join()}`);
    }

    t.comment(
      `${examples.length - Object.keys(refused).length} of ${examples.length} HTTPRoutes load unchanged`,
    );
    if (examples.length === 0) return;
    t.strictSame(refused, notServed, "the others are refused by name");
    t.strictSame([...conditions], ["Gateway: NoMatchingParent"]);
  },
);

scenario("attached to a service of a mesh, each of them has rules that apply", async (t) => {
  const examples = await installed(t);

  const served = examples.filter(({ path }) => !(path in notServed));
  const problems = served.flatMap(({ path, text }) =>
    problemsOf(text).map((problem) => `${path}: ${problem}`),
  );

  t.comment(`${served.length} HTTPRoutes were compiled`);
  t.strictSame(problems, []);
});

async function installed(t: Test): Promise<Example[]> {
  return examplesOf("HTTPRoute").catch((error: unknown) => {
    t.comment(`left out: Gateway API examples: ${String(error).split("\n")[0]}`);
    return [];
  });
}

/** What keeps the rules of a route, with a service as its parent and all services in one namespace, from being applied. */
function problemsOf(text: string): string[] {
  const route = parse(text) as Route;
  delete route.metadata.namespace;
  route.spec.parentRefs = [{ group: "", kind: "Service", name: "web" }];
  const backends = (route.spec.rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs);
  for (const backend of backends) delete backend.namespace;
  const { resources, diagnostics } = parseResources([
    { path: "mesh.yaml", text: meshOf(backends) },
    { path: "route.yaml", text: stringify(route) },
  ]);
  if (resources === undefined) return errorsOf(diagnostics);
  const inputs = { ports: new Map(), addresses: new Map(), version: 1, endpointsVersion: 1 };
  const [web] = compile({ resources, ...inputs }).compiled?.snapshot.services ?? [];
  return web !== undefined && web.rules.length > 0 ? [] : ["no rule applies"];
}

/** A mesh with these services and one that is called web. */
function meshOf(backends: readonly Backend[]): string {
  const services: Record<string, { endpoints: string[] }> = { web: { endpoints: ["127.0.0.1:1"] } };
  for (const { name, port = 1 } of backends) {
    const { endpoints } = (services[name] ??= { endpoints: [] });
    const address = `127.0.0.1:${port}`;
    if (!endpoints.includes(address)) endpoints.push(address);
  }
  return stringify({ mesh: "examples", services });
}

/** The fields that an error is about, each once, without places in lists. */
function errorsOf(diagnostics: readonly Diagnostic[]): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return [...new Set(errors.map(({ path }) => path.replace(/\/\d+/g, "")))].sort();
}

interface Route {
  metadata: { namespace?: string };
  spec: { parentRefs?: unknown[]; rules?: { backendRefs?: Backend[] }[] };
}

interface Backend {
  name: string;
  namespace?: string;
  port?: number;
}
