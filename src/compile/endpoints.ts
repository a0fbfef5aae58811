// The endpoints of a service: its own programs on loopback, and named addresses with DNS names replaced by what they
// resolve to. No address stands twice, and the order does not depend on that of a DNS answer.
import { formatHostPort } from "../lib/host-port.ts";
import type { Resources, Service } from "../resources/index.ts";
import type { Endpoint } from "../snapshot/index.ts";

export function endpointsOf(
  service: Service,
  addresses: ReadonlyMap<string, readonly string[]>,
): Endpoint[] {
  const named = service.endpoints.flatMap(({ kind, host, port }) => {
    const hosts = kind === "ip" ? [host] : [...(addresses.get(host) ?? [])].sort();
    return hosts.map((ip) => formatHostPort(ip, port));
  });
  const local = localPorts(service).map((port) => formatHostPort("127.0.0.1", port));
  return [...new Set([...local, ...named])].map((address) => ({ address }));
}

/** Ports of the service's programs on this host. */
export function localPorts({ port, replicas, endpoints }: Service): number[] {
  if (replicas.length > 0) return replicas;
  return endpoints.length === 0 && port !== undefined ? [port] : [];
}

/** DNS names that endpoints use, sorted, none twice. */
export function endpointNames({ mesh }: Resources): string[] {
  const all = mesh.services.flatMap((service) => service.endpoints);
  const names = all.filter(({ kind }) => kind === "name").map(({ host }) => host);
  return [...new Set(names)].sort();
}
