import { test } from "tap";
import { parseResources, routeStatus } from "./index.ts";

const web = '{ group: "", kind: Service, name: web }';
const mesh = `mesh: shop
services:
  web: { port: 9001 }
  api: { port: 9100 }
  db: { protocol: tcp, endpoints: ["10.0.0.5:5432"] }
`;

test("a route that is right is accepted by its service, and its references are resolved", (t) => {
  const { resources, rows } = statusOf(`  parentRefs: [${web}]
  rules: [{ backendRefs: [{ name: api }] }]
`);
  t.strictSame(rows, ["Service/web Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs"]);
  t.equal(resources?.routes.length, 1);
  t.end();
});

test("a parent that is no part of a mesh does not keep the route from the others", (t) => {
  const { resources, rows } = statusOf(`  parentRefs: [{ name: edge, sectionName: http }, ${web}]
  rules: [{ backendRefs: [{ name: api }] }]
`);
  t.strictSame(rows, [
    "Gateway/edge Accepted=False/NoMatchingParent",
    "Service/web Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs",
  ]);
  t.equal(resources?.routes.length, 1);
  t.end();
});

test("a route for a Gateway alone is left alone, with what it refers to", (t) => {
  const { resources, rows } = statusOf(`  parentRefs: [{ name: edge }]
  hostnames: [shop.example]
  rules: [{ backendRefs: [{ name: elsewhere }] }]
`);
  t.strictSame(rows, ["Gateway/edge Accepted=False/NoMatchingParent"]);
  t.strictSame(resources?.routes, []);
  t.end();
});

test("each parent has its own mistakes, and all share those of the rules", (t) => {
  const { resources, rows } = statusOf(`  parentRefs:
    - { group: "", kind: Service, name: wbe }
    - ${web}
    - { group: "", kind: Service, name: api, namespace: other }
  rules: [{ backendRefs: [{ name: api }] }]
`);
  t.strictSame(rows, [
    "Service/wbe Accepted=False/NoMatchingParent ResolvedRefs=True/ResolvedRefs",
    "Service/web Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs",
    "Service/api Accepted=False/UnsupportedValue ResolvedRefs=True/ResolvedRefs",
  ]);
  t.equal(resources, undefined, "and nothing is half applied");
  t.end();
});

test("mistakes have the reasons of the Gateway API", (t) => {
  const reasonsOf = (rule: string): string =>
    statusOf(`  parentRefs: [${web}]\n  rules: [{ ${rule} }]\n`).rows.join();
  const isRight = "ResolvedRefs=True/ResolvedRefs";
  t.match(reasonsOf("backendRefs: [{ name: pay }]"), "ResolvedRefs=False/BackendNotFound");
  t.match(reasonsOf("backendRefs: [{ name: api, port: 1 }]"), "ResolvedRefs=False/BackendNotFound");
  t.match(reasonsOf("backendRefs: [{ name: db }]"), "ResolvedRefs=False/UnsupportedProtocol");
  t.match(
    reasonsOf("backendRefs: [{ name: api, kind: ServiceImport }]"),
    "Accepted=True/Accepted ResolvedRefs=False/InvalidKind",
  );
  t.match(
    reasonsOf("retry: {}, backendRefs: [{ name: api }]"),
    `Accepted=False/UnsupportedValue ${isRight}`,
  );
  t.match(
    reasonsOf(
      "backendRefs: [{ name: api }], filters: [{ type: RequestRedirect, requestRedirect: {} }]",
    ),
    `Accepted=False/IncompatibleFilters ${isRight}`,
  );
  t.match(
    reasonsOf("backendRefs: [{ name: api }], matches: [{ path: { value: pay } }]"),
    `Accepted=False/Invalid ${isRight}`,
  );
  t.end();
});

test("of two routes with one name the second is in conflict", (t) => {
  const spec = `  parentRefs: [${web}]\n  rules: [{ backendRefs: [{ name: api }] }]\n`;
  const { rows } = statusOf(spec, spec);
  t.match(rows, [/Accepted=True/, /Accepted=False\/Conflicted/]);
  t.end();
});

/** A row for each parent of each route. */
function statusOf(...specs: string[]): {
  resources: ReturnType<typeof parseResources>["resources"];
  rows: string[];
} {
  const head =
    "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: r }\nspec:\n";
  const documents = specs.map((spec) => `---\n${head}${spec}`).join("");
  const { resources, routes } = parseResources([{ path: "mesh.yaml", text: mesh + documents }]);
  const rows = routes.flatMap(routeStatus).map(({ parentRef, conditions }) => {
    const words = conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`);
    return [`${parentRef.kind}/${parentRef.name}`, ...words].join(" ");
  });
  return { resources, rows };
}
