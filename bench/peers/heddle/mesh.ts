// The mesh.yaml of a measurement, and the paths that its routes answer.
import type { Assignment } from "../peer.ts";

/** One door, one service with one endpoint; one HTTPRoute for each path. */
export function meshFile(assignment: Assignment): string {
  const { protocol, port, upstreamPort, routes, isFull, folder } = assignment;
  const documents = [
    [
      "mesh: bench",
      ...(isFull ? [`accessLog: { path: "${folder}/access.log" }`] : []),
      "listeners:",
      `  - { name: edge, address: "127.0.0.1:${port}", protocol: ${protocol}, service: api }`,
      "services:",
      `  api: { protocol: ${protocol}, endpoints: ["127.0.0.1:${upstreamPort}"] }`,
    ].join("\n"),
  ];
  documents.push(...routePaths(routes).map(routeDocument));
  if (isFull) documents.push(FULL_ROUTE);
  return `${documents.join("\n---\n")}\n`;
}

/** The path that each route matches: all paths for a single one, else spread over a hundred groups. */
export function routePaths(routes: number): string[] {
  if (routes === 1) return ["/"];
  return Array.from({ length: routes }, (_, index) => {
    const group = String(index % 100).padStart(2, "0");
    return `/group-${group}/item-${String(index).padStart(5, "0")}`;
  });
}

/** Decided by method, path and header; headers changed both ways; under timeouts of its own. */
const FULL_ROUTE = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: full }
spec:
  parentRefs: [{ group: "", kind: Service, name: api }]
  rules:
    - name: all
      matches:
        - method: GET
          path: { type: PathPrefix, value: / }
          headers: [{ name: accept-encoding, value: "gzip, deflate" }]
        - path: { type: PathPrefix, value: / }
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier:
            { set: [{ name: x-mesh, value: bench }], remove: [user-agent] }
        - type: ResponseHeaderModifier
          responseHeaderModifier: { set: [{ name: x-served-by, value: heddle }] }
      timeouts: { request: 10s, backendRequest: 5s }
      backendRefs: [{ name: api }]`;

function routeDocument(path: string): string {
  return [
    "apiVersion: gateway.networking.k8s.io/v1",
    "kind: HTTPRoute",
    `metadata: { name: ${path.slice(1).replaceAll("/", "-") || "all"} }`,
    "spec:",
    '  parentRefs: [{ group: "", kind: Service, name: api }]',
    "  rules:",
    `    - matches: [{ path: { type: PathPrefix, value: "${path}" } }]`,
    "      backendRefs: [{ name: api }]",
  ].join("\n");
}
