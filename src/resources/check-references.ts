// What routes refer to: parents and backends have to be services of the mesh, with the port and the protocol that the
// route expects.
import { nearest } from "../lib/nearest.ts";
import type { Code } from "./codes.ts";
import { type Diagnostic, diagnose } from "./diagnostic.ts";
import { didYouMean } from "./found.ts";
import type { HttpRoute, Mesh, Service, ServiceRef } from "./resources.ts";

/** The services that routes may mean: all names as written, and of those that could be read what is known. */
export interface Known {
  mesh: Mesh;
  names: readonly string[];
}

export function checkReferences(route: HttpRoute, known: Known): Diagnostic[] {
  const parents = route.parentRefs.flatMap((ref) =>
    checkRef(ref, known, {
      missing: "HED2103",
      port: "HED2106",
      what: `route '${route.name}' parent`,
      portEffect: "the route would never apply",
    }),
  );
  const backends = route.rules.flatMap((rule) =>
    rule.backendRefs.flatMap((ref) =>
      checkRef(ref, known, {
        missing: "HED2104",
        port: "HED2105",
        what: `route '${route.name}' backend`,
        portEffect: "no request could be sent there",
      }),
    ),
  );
  return [...parents, ...backends, ...checkResponses(route, known)];
}

function checkResponses({ name, namespace, rules }: HttpRoute, { mesh }: Known): Diagnostic[] {
  const names = mesh.responses
    .filter((response) => response.namespace === namespace)
    .map((response) => response.name);
  return rules.flatMap(({ directResponse: ref }) => {
    if (ref === undefined || names.includes(ref.name)) return [];
    const meant = nearest(ref.name, names);
    const message = `route '${name}' answers with DirectResponse '${ref.name}', which does not exist${didYouMean(meant)}`;
    const hint =
      meant === undefined ? `add '${ref.name}' under responses of the mesh` : `write '${meant}'`;
    return [diagnose(ref.origin, "HED2135", { message, hint })];
  });
}

interface Wording {
  missing: Code;
  port: Code;
  what: string;
  portEffect: string;
}

function checkRef(ref: ServiceRef, { mesh, names }: Known, words: Wording): Diagnostic[] {
  const { name, namespace, port, origin } = ref;
  const { what } = words;
  if (namespace !== mesh.namespace) {
    const message = `${what} '${name}' of namespace '${namespace}' does not exist: the mesh is in namespace '${mesh.namespace}'`;
    const hint = `write 'namespace: ${namespace}' in the mesh file, or namespace: ${mesh.namespace} here`;
    return [diagnose(origin, words.missing, { message, hint })];
  }
  if (!names.includes(name)) {
    const meant = nearest(name, names);
    const message = `${what} '${name}' does not exist${didYouMean(meant)}`;
    const hint =
      meant === undefined ? `add '${name}' under services of the mesh` : `write '${meant}'`;
    return [diagnose(origin, words.missing, { message, hint })];
  }
  const service = mesh.services.find((candidate) => candidate.name === name);
  if (service === undefined) return [];
  if (service.protocol === "tcp") {
    const message = `${what} '${name}' speaks tcp, and a route of this kind needs http`;
    const hint = "refer to a service that speaks http, or remove protocol: tcp from the service";
    return [diagnose(origin, "HED2114", { message, hint })];
  }
  const ports = portsOf(service);
  if (port === undefined || ports.length === 0 || ports.includes(port)) return [];
  const message = `${what} '${name}' has the port ${ports.join(" and ")}, not ${port}: ${words.portEffect}`;
  return [
    diagnose(origin, words.port, { message, hint: `write port: ${ports[0]}, or remove the port` }),
  ];
}

/** The ports that a reference may name: that of the service, or else those of its endpoints. */
function portsOf({ port, replicas, endpoints, endpointsFile }: Service): number[] {
  if (port !== undefined) return [port];
  // Those in a file come and go.
  if (endpointsFile !== undefined) return [];
  const named = endpoints.flatMap((endpoint) => ("port" in endpoint ? endpoint.port : []));
  return [...new Set([...replicas, ...named])];
}
