// Objects as upstream's documentation writes them, loaded without a change.
import { test } from "tap";
import { formatDiagnostics, parseResources, resolved } from "./index.ts";
import type { HttpRoute, Resources } from "./index.ts";

const mesh = `mesh: conformance
namespace: gateway-conformance-mesh
services:
  echo: { port: 80 }
  echo-v1: { port: 8080, replicas: [8081] }
  echo-v2: { endpoints: ["echo-v2.internal:80"] }
`;

test("a weighted split of the mesh conformance suite loads", (t) => {
  const [route] = load(`apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: mesh-split
  namespace: gateway-conformance-mesh
spec:
  parentRefs:
  - group: ""
    kind: Service
    name: echo
    port: 80
  rules:
  - matches:
    - path:
        type: Exact
        value: /v1
    backendRefs:
    - name: echo-v1
      port: 8080
  - backendRefs:
    - group: ""
      kind: Service
      name: echo-v1
      port: 8080
      weight: 70
    - name: echo-v2
      port: 80
      weight: 30
`).routes;
  t.match(route?.rules, [
    { matches: [{ path: { type: "Exact", value: "/v1" } }], backendRefs: [{ weight: 1 }] },
    {
      matches: [{ path: { type: "PathPrefix", value: "/" } }],
      backendRefs: [
        { name: "echo-v1", weight: 70 },
        { name: "echo-v2", weight: 30 },
      ],
    },
  ]);
  t.end();
});

test("what a cluster adds to an object is accepted", (t) => {
  const [route] = load(`apiVersion: gateway.networking.k8s.io/v1beta1
kind: HTTPRoute
metadata:
  annotations: { kubectl.kubernetes.io/last-applied-configuration: "{}" }
  creationTimestamp: "2024-05-01T10:00:00Z"
  finalizers: [a]
  generation: 3
  labels: { app: echo }
  managedFields: [{ manager: kubectl }]
  name: mesh
  namespace: gateway-conformance-mesh
  ownerReferences: []
  resourceVersion: "8431"
  uid: 6d0d2b0c-0000-4000-8000-000000000000
spec:
  parentRefs: [{ group: "", kind: Service, name: echo }]
  rules:
  - name: only
    backendRefs: [{ name: echo-v1, port: 8080 }]
status:
  parents: [{ controllerName: example.com/controller, conditions: [] }]
`).routes;
  t.match(route, { creationTimestamp: "2024-05-01T10:00:00Z", rules: [{ name: "only" }] });
  t.end();
});

test("an object without a time of creation, as controllers write it, loads", (t) => {
  const [route] = load(
    route3(
      "metadata: { name: mesh, namespace: gateway-conformance-mesh, creationTimestamp: null }",
    ),
  ).routes;
  t.equal(route?.creationTimestamp, undefined);
  t.end();
});

test("matches and header filters of the conformance suite load in one form", (t) => {
  const [route] = load(`apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: mesh, namespace: gateway-conformance-mesh }
spec:
  parentRefs: [{ group: "", kind: Service, name: echo }]
  rules:
  - matches:
    - path: { type: PathPrefix, value: /v2/ }
      method: PATCH
      headers: [{ name: Version, value: two }]
    filters:
    - type: RequestHeaderModifier
      requestHeaderModifier:
        set: [{ name: X-Header-Set, value: set-overwrites-values }]
        add: [{ name: X-Header-Add, value: add-appends-values }]
        remove: [X-Header-Remove]
    backendRefs: [{ name: echo-v2, port: 80 }]
`).routes;
  t.match(route?.rules[0], {
    matches: [
      {
        path: { type: "PathPrefix", value: "/v2" },
        method: "PATCH",
        headers: [{ name: "version", value: "two" }],
      },
    ],
    requestHeaders: {
      set: [{ name: "X-Header-Set", value: "set-overwrites-values" }],
      add: [{ name: "X-Header-Add", value: "add-appends-values" }],
      remove: ["x-header-remove"],
    },
    responseHeaders: { set: [], add: [], remove: [] },
  });
  t.end();
});

test("a backendRef of the conformance suite has filters of its own", (t) => {
  const resources = load(`apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: mesh, namespace: gateway-conformance-mesh }
spec:
  parentRefs: [{ group: "", kind: Service, name: echo }]
  rules:
  - backendRefs:
    - name: echo-v1
      port: 8080
      filters:
      - type: RequestHeaderModifier
        requestHeaderModifier:
          set: [{ name: X-Header-Set, value: set-overwrites-values }]
    - { name: echo-v2, port: 80 }
`);
  const requestHeaders = {
    set: [{ name: "X-Header-Set", value: "set-overwrites-values" }],
    add: [],
    remove: [],
  };
  const none = { set: [], add: [], remove: [] };
  t.match(resources.routes[0]?.rules[0]?.backendRefs, [
    { name: "echo-v1", requestHeaders, responseHeaders: none },
    { name: "echo-v2", requestHeaders: none, responseHeaders: none },
  ]);
  const filters = [
    {
      type: "RequestHeaderModifier",
      requestHeaderModifier: { set: [{ name: "X-Header-Set" }] },
    },
  ];
  t.match(resolved(resources), { routes: [{ spec: { rules: [{ backendRefs: [{ filters }] }] } }] });
  t.end();
});

test("objects come from lists, from JSON and from several documents of a file", (t) => {
  const item = JSON.stringify({
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "listed", namespace: "gateway-conformance-mesh" },
    spec: {
      parentRefs: [{ group: "", kind: "Service", name: "echo" }],
      rules: [{ matches: [{ path: { value: "/listed" } }], backendRefs: [{ name: "echo" }] }],
    },
  });
  const { routes } = load(
    `---\n# nothing\n---\n${route3("metadata: { name: a, namespace: gateway-conformance-mesh }")}`,
    `{\n\t"apiVersion": "v1",\n\t"kind": "List",\n\t"items": [${item}]\n}`,
  );
  t.strictSame(
    routes.map(({ name }) => name),
    ["a", "listed"],
  );
  t.end();
});

test("the older route wins a tie, then the first by namespace and name, then the first rule", (t) => {
  const at = (name: string, time: string): string =>
    route3(`metadata: { name: ${name}, namespace: gateway-conformance-mesh${time} }`);
  const { routes } = load(
    at("z-undated", ""),
    at("b-young", ', creationTimestamp: "2024-01-02T00:00:00Z"'),
    at("c-old", ', creationTimestamp: "2024-01-01T23:00:00+01:00"'),
    at("a-young", ', creationTimestamp: "2024-01-02T00:00:00Z"'),
  );
  t.strictSame(
    routes.map(({ name }: HttpRoute) => name),
    ["c-old", "a-young", "b-young", "z-undated"],
  );
  t.end();
});

test("the resolved form names every default and the place of each resource", (t) => {
  const form = resolved(load(route3("metadata: { name: a, namespace: gateway-conformance-mesh }")));
  t.match(form, {
    mesh: "conformance",
    services: {
      "echo-v1": { replicas: [8081], timeouts: { connect: "1s", request: "15s" } },
      "echo-v2": {
        endpoints: [{ address: "echo-v2.internal:80", weight: 1 }],
        timeouts: { connect: "5s" },
      },
      echo: { protocol: "http", balancer: "peakEwma", origin: "mesh.yaml:4" },
    },
    routes: [
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        spec: {
          parentRefs: [{ group: "", kind: "Service", namespace: "gateway-conformance-mesh" }],
          rules: [{ matches: [{ path: { type: "PathPrefix", value: "/" } }] }],
        },
        origin: "0.yaml:3",
      },
    ],
  });
  t.end();
});

/** A route to itself with these metadata, which stand on line 3. */
function route3(metadata: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
${metadata}
spec: { parentRefs: [{ group: "", kind: Service, name: echo }], rules: [{ backendRefs: [{ name: echo }] }] }
`;
}

function load(...texts: string[]): Resources {
  const routes = texts.map((text, index) => ({ path: `${index}.yaml`, text }));
  const { resources, diagnostics } = parseResources([{ path: "mesh.yaml", text: mesh }, ...routes]);
  if (resources === undefined) throw new Error(formatDiagnostics(diagnostics));
  return resources;
}
