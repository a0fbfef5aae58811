// The endpoints of a service: its own programs on loopback, and named addresses with DNS names replaced by what they
// resolve to. No address stands twice (the first one counts), and the order does not depend on that of a DNS answer.
import { formatHostPort } from "../lib/host-port.ts";
import type { Resources, Service } from "../resources/index.ts";
import type { Endpoint } from "../snapshot/index.ts";

export function endpointsOf(
  service: Service,
  addresses: ReadonlyMap<string, readonly string[]>,
): Endpoint[] {
  const local = localPorts(service).map((port) => endpoint("127.0.0.1", port, 1));
  const named = service.endpoints.flatMap(({ kind, host, port, weight }) => {
    const hosts = kind === "ip" ? [host] : [...(addresses.get(host) ?? [])].sort();
    return hosts.map((ip) => endpoint(ip, port, weight));
  });
  const seen = new Set<string>();
  return [...local, ...named].filter(({ address }) => seen.size < seen.add(address).size);
}

function endpoint(ip: string, port: number, weight: number): Endpoint {
  return { address: formatHostPort(ip, port), ...(weight !== 1 && { weight }) };
}

/** Ports of the service's programs on this host. */
export function localPorts({ port, replicas, endpoints, endpointsFile }: Service): number[] {
  if (replicas.length > 0) return replicas;
  const elsewhere = endpoints.length > 0 || endpointsFile !== undefined;
  return elsewhere || port === undefined ? [] : [port];
}

/** DNS names that endpoints use, sorted, none twice. */
export function endpointNames({ mesh }: Resources): string[] {
  const all = mesh.services.flatMap((service) => service.endpoints);
  const names = all.filter(({ kind }) => kind === "name").map(({ host }) => host);
  return [...new Set(names)].sort();
}
