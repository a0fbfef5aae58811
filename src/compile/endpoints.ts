// The endpoints of a service: its own programs on loopback, and named addresses with DNS names replaced by what they
// resolve to. No address stands twice (the first one counts), and the order does not depend on that of a DNS answer.
import { formatAddress } from "../lib/address.ts";
import { formatHostPort } from "../lib/host-port.ts";
import type { Endpoint as NamedEndpoint, Resources, Service } from "../resources/index.ts";
import type { Endpoint } from "../snapshot/index.ts";

export function endpointsOf(
  service: Service,
  services: readonly Service[],
  addresses: ReadonlyMap<string, readonly string[]>,
): Endpoint[] {
  const { ports, endpoints } = selected(service, services);
  const local = ports.map((port) => addressed(formatHostPort("127.0.0.1", port), 1));
  const named = endpoints.flatMap((endpoint) => {
    const { weight } = endpoint;
    if (endpoint.kind !== "name") return [addressed(formatAddress(endpoint), weight)];
    const hosts = [...(addresses.get(endpoint.host) ?? [])].sort();
    return hosts.map((ip) => addressed(formatHostPort(ip, endpoint.port), weight));
  });
  const seen = new Set<string>();
  return [...local, ...named].filter(({ address }) => seen.size < seen.add(address).size);
}

/** What a service stands for; programs of this host have no labels. */
export function selected(
  service: Service,
  services: readonly Service[],
): { ports: number[]; endpoints: NamedEndpoint[] } {
  const { subset } = service;
  const base = services.find(({ name }) => name === subset?.of) ?? service;
  const wanted = Object.entries(subset?.labels ?? {});
  return {
    ports: wanted.length > 0 ? [] : localPorts(base),
    endpoints: base.endpoints.filter(({ labels }) =>
      wanted.every(([label, value]) => labels[label] === value),
    ),
  };
}

function addressed(address: string, weight: number): Endpoint {
  return { address, ...(weight !== 1 && { weight }) };
}

/** Ports of the service's programs on this host. */
export function localPorts(service: Service): number[] {
  const { port, replicas, endpoints, endpointsFile, subset } = service;
  if (replicas.length > 0) return replicas;
  const elsewhere = endpoints.length > 0 || endpointsFile !== undefined || subset !== undefined;
  return elsewhere || port === undefined ? [] : [port];
}

/** DNS names that endpoints use, sorted, none twice. */
export function endpointNames({ mesh }: Resources): string[] {
  const all = mesh.services.flatMap((service) => service.endpoints);
  const names = all.flatMap((endpoint) => (endpoint.kind === "name" ? [endpoint.host] : []));
  return [...new Set(names)].sort();
}
