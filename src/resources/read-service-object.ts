// `Service` objects to services of the mesh: each is the part of another service whose endpoints have its labels.
import { nearest } from "../lib/nearest.ts";
import { type Diagnostic, diagnose } from "./diagnostic.ts";
import type { SourceDocument } from "./documents.ts";
import { didYouMean } from "./found.ts";
import { serviceObjectKind } from "./kinds.ts";
import type { Mesh, Service } from "./resources.ts";
import type { ServiceObjectDocument } from "./service-object.ts";
import { validated } from "./validated.ts";
import type { View } from "./view.ts";

export interface ServiceObjects {
  services: Service[];
  /** Names as they were written, those of objects that are wrong too. */
  names: string[];
  diagnostics: Diagnostic[];
}

export function readServiceObjects(
  documents: readonly SourceDocument[],
  mesh: Mesh,
): ServiceObjects {
  const result: ServiceObjects = { services: [], names: [], diagnostics: [] };
  for (const document of documents) {
    const { view, diagnostics } = validated(document, serviceObjectKind);
    const service = view && readServiceObject(view, mesh);
    result.diagnostics.push(...diagnostics, ...(view?.diagnostics ?? []));
    if (view !== undefined) result.names.push(view.value.metadata.name);
    if (service === undefined) continue;
    const other = [...mesh.services, ...result.services].find(({ name }) => name === service.name);
    if (other === undefined) result.services.push(service);
    else if (!isWhole(service, other)) result.diagnostics.push(sameName(service, other));
  }
  return result;
}

function readServiceObject(view: View<ServiceObjectDocument>, mesh: Mesh): Service | undefined {
  const { metadata, spec } = view.value;
  const { app, ...labels } = spec.selector;
  const origin = view.origin("/metadata/name", "key");
  if (metadata.namespace !== undefined && metadata.namespace !== mesh.namespace) {
    view.report("HED2122", {
      pointer: "/metadata/namespace",
      message: `the Service is in namespace '${metadata.namespace}', and the mesh in '${mesh.namespace}'`,
      hint: `write 'namespace: ${metadata.namespace}' in the mesh file, or namespace: ${mesh.namespace} here`,
    });
    return undefined;
  }
  const base = mesh.services.find(({ name }) => name === app);
  if (base !== undefined) {
    const [port] = spec.ports ?? [];
    return subsetOf(base, { name: metadata.name, labels, origin, port: port?.port });
  }
  const names = mesh.services.map(({ name }) => name);
  const meant = app === undefined ? undefined : nearest(app, names);
  view.report("HED2122", {
    pointer: app === undefined ? "/spec/selector" : "/spec/selector/app",
    part: app === undefined ? "key" : "value",
    message:
      app === undefined
        ? "the selector does not say whose endpoints it selects"
        : `the selector names the service '${app}', which does not exist${didYouMean(meant)}`,
    hint:
      meant === undefined
        ? "write 'app:' with the name of a service of the mesh"
        : `write '${meant}'`,
  });
  return undefined;
}

/** What the base is set to holds for the part of it too. */
function subsetOf(
  base: Service,
  own: Pick<Service, "name" | "origin"> & {
    labels: Readonly<Record<string, string>>;
    port: number | undefined;
  },
): Service {
  const { run: _run, port: basePort, endpointsFile: _file, ...settings } = base;
  const { name, origin, labels, port = basePort } = own;
  return {
    ...settings,
    name,
    origin,
    ...(port !== undefined && { port }),
    replicas: [],
    upstreams: [],
    endpoints: [],
    subset: { of: base.name, labels },
  };
}

/** It stands for the service of its own name with all its endpoints, as manifests of a cluster do. */
function isWhole({ subset }: Service, other: Service): boolean {
  return subset?.of === other.name && Object.keys(subset.labels).length === 0;
}

function sameName(service: Service, other: Service): Diagnostic {
  const { file, line } = other.origin.position;
  return diagnose(service.origin, "HED2008", {
    message: `another service has the name '${service.name}' (${file}:${line})`,
    hint: "give the Service another name, or select no labels but 'app'",
  });
}
