// Runs the passes in order and refuses to hand out a snapshot that does not hold together.
import { invariant } from "../lib/invariant.ts";
import type { Diagnostic, Resources } from "../resources/index.ts";
import { type Endpoints, type Snapshot, consistent } from "../snapshot/index.ts";
import { checkAddresses, checkPorts, checkSubsets } from "./check.ts";
import { type Edge, edgesOf } from "./edges.ts";
import { endpointNames, endpointsOf } from "./endpoints.ts";
import { edgeListeners, outboundListeners } from "./listeners.ts";
import { OriginTable } from "./origins.ts";
import { compileRules } from "./rules.ts";
import { compileServices } from "./services.ts";
import { type Workload, workloadsOf } from "./workloads.ts";

export interface CompileInput {
  resources: Resources;
  /** Loopback port of the outbound listener of each edge, by `web->api`. */
  ports: ReadonlyMap<string, number>;
  /** DNS name to IP addresses, `srv:NAME` to the data of its records; a name that is missing has none yet. */
  addresses: ReadonlyMap<string, readonly string[]>;
  version: number;
  endpointsVersion: number;
}

export interface Compiled {
  snapshot: Snapshot;
  /** What `heddle dev` starts. */
  workloads: Workload[];
  /** DNS names that endpoints use, sorted. */
  names: string[];
  /** `ip:port` of the servers to ask for them; none for those of this machine. */
  dnsServers: string[];
  edges: Edge[];
}

/** `compiled` is undefined when a diagnostic is an error. Every edge has to have a port. */
export function compile(input: CompileInput): {
  compiled: Compiled | undefined;
  diagnostics: Diagnostic[];
} {
  const { resources, addresses, version } = input;
  const diagnostics = [
    ...checkPorts(input),
    ...checkAddresses(resources, addresses),
    ...checkSubsets(resources),
  ];
  if (diagnostics.some(({ severity }) => severity === "error")) {
    return { compiled: undefined, diagnostics };
  }
  const origins = new OriginTable();
  const snapshot: Snapshot = {
    version,
    mesh: resources.mesh.name,
    listeners: [...edgeListeners(resources, origins), ...outboundListeners(input, origins)],
    services: compileServices(resources, origins),
    rules: compileRules(resources, origins),
    endpoints: compileEndpoints(input),
    ...(resources.mesh.accessLog !== undefined && { accessLog: resources.mesh.accessLog }),
    origins: origins.rows,
  };
  const problems = consistent(snapshot).map(({ resource, message }) => `${resource}: ${message}`);
  invariant(problems.length === 0, problems.join("; "));
  const compiled: Compiled = {
    snapshot,
    workloads: workloadsOf(resources),
    names: endpointNames(resources, addresses),
    dnsServers: resources.mesh.dnsServers,
    edges: edgesOf(resources),
  };
  return { compiled, diagnostics };
}

export type EndpointsInput = Pick<CompileInput, "resources" | "addresses" | "endpointsVersion">;

/** The endpoints part alone, for the same resources and new addresses. */
export function compileEndpoints(input: EndpointsInput): Endpoints {
  const { resources, addresses, endpointsVersion } = input;
  const { services } = resources.mesh;
  return {
    version: endpointsVersion,
    services: services.map((service) => endpointsOf(service, services, addresses)),
  };
}
