// The listener table: first the doors of the mesh, then one outbound listener on loopback for each edge.
import { invariant } from "../lib/invariant.ts";
import type { Resources } from "../resources/index.ts";
import type { Listener } from "../snapshot/index.ts";
import { edgeKey } from "./edges.ts";
import type { OriginTable } from "./origins.ts";
import { ServiceIndex } from "./service-index.ts";

export function edgeListeners({ mesh }: Resources, origins: OriginTable): Listener[] {
  const services = new ServiceIndex(mesh);
  return mesh.listeners.map(
    ({ name, address, mode, protocol, service, errors, requestId, proxies, bounds, origin }) => ({
      name,
      address,
      ...(mode !== undefined && { mode }),
      protocol,
      service: services.of(service),
      // Defaults of the data plane are left out of the snapshot.
      ...(errors === "full" && { errors }),
      ...(requestId === "keep" && { requestId }),
      ...(proxies.length > 0 && { proxies: [...proxies] }),
      ...(Object.keys(bounds).length > 0 && { bounds: { ...bounds } }),
      origin: origins.index(origin),
    }),
  );
}

export interface OutboundInput {
  resources: Resources;
  ports: ReadonlyMap<string, number>;
}

export function outboundListeners(
  { resources, ports }: OutboundInput,
  origins: OriginTable,
): Listener[] {
  const { services } = resources.mesh;
  const indexes = new ServiceIndex(resources.mesh);
  return services.flatMap(({ name: source, upstreams }) =>
    upstreams.map((upstream): Listener => {
      const name = edgeKey({ source, target: upstream.service });
      const index = indexes.of(upstream.service);
      const port = ports.get(name);
      invariant(port !== undefined, `the edge ${name} has a port`);
      return {
        name,
        address: `127.0.0.1:${port}`,
        protocol: services[index]?.protocol ?? "http",
        source,
        service: index,
        errors: "full",
        requestId: "keep",
        origin: origins.index(upstream.origin),
      };
    }),
  );
}
