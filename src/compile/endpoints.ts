// The endpoints of a service: its own programs on loopback, and named addresses with DNS names replaced by what they
// resolve to. No address stands twice (the first one counts), and the order does not depend on that of a DNS answer.
import { formatAddress } from "../lib/address.ts";
import { formatHostPort } from "../lib/host-port.ts";
import { parseSrvRecord, preferred, type SrvName, type SrvRecord, srvScheme } from "../lib/srv.ts";
import type { Endpoint as NamedEndpoint, Resources, Service } from "../resources/index.ts";
import type { Endpoint } from "../snapshot/index.ts";

/** DNS name to IP addresses, and `srv:NAME` to the data of its records. */
type Addresses = ReadonlyMap<string, readonly string[]>;

export function endpointsOf(
  service: Service,
  services: readonly Service[],
  addresses: Addresses,
): Endpoint[] {
  const { ports, endpoints } = selected(service, services);
  const local = ports.map((port) => addressed(formatHostPort("127.0.0.1", port), 1));
  const resolved = (host: string, port: number, weight: number): Endpoint[] =>
    [...(addresses.get(host) ?? [])]
      .sort()
      .map((ip) => addressed(formatHostPort(ip, port), weight));
  const named = endpoints.flatMap((endpoint) => {
    const { weight } = endpoint;
    if (endpoint.kind === "name") return resolved(endpoint.host, endpoint.port, weight);
    if (endpoint.kind !== "srv") return [addressed(formatAddress(endpoint), weight)];
    return recordsOf(endpoint, addresses).flatMap((record) =>
      resolved(record.target, record.port, record.weight * weight),
    );
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

/** What is to be asked for: DNS names that endpoints use and that SRV records lead to, sorted, none twice. */
export function endpointNames({ mesh }: Resources, addresses: Addresses): string[] {
  const names = mesh.services
    .flatMap((service) => service.endpoints)
    .flatMap((endpoint) => {
      if (endpoint.kind === "name") return [endpoint.host];
      if (endpoint.kind !== "srv") return [];
      return [askedFor(endpoint), ...recordsOf(endpoint, addresses).map(({ target }) => target)];
    });
  return [...new Set(names)].sort();
}

/** Under what the answer for an SRV name stands among the addresses. */
export function askedFor({ name }: SrvName): string {
  return `${srvScheme}${name}`;
}

function recordsOf(endpoint: SrvName, addresses: Addresses): SrvRecord[] {
  return preferred((addresses.get(askedFor(endpoint)) ?? []).map(parseSrvRecord));
}
