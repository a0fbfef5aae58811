// What only shows when ports and addresses are known: outbound listeners in the way of a door or a program, and names
// without an address.
import { parseAddress } from "../lib/address.ts";
import { type Diagnostic, type Endpoint, type Resources, diagnose } from "../resources/index.ts";
import { edgeKey } from "./edges.ts";
import { askedFor, localPorts, selected } from "./endpoints.ts";
import type { OutboundInput } from "./listeners.ts";

export function checkPorts({ resources, ports }: OutboundInput): Diagnostic[] {
  const { mesh } = resources;
  const taken = new Map<number, string>();
  for (const { name, address } of mesh.listeners) {
    const parsed = parseAddress(address);
    if (!(parsed instanceof Error) && parsed.kind !== "unix")
      taken.set(parsed.port, `listener '${name}'`);
  }
  for (const service of mesh.services) {
    for (const port of localPorts(service)) taken.set(port, `service '${service.name}'`);
  }
  return mesh.services.flatMap(({ name: source, upstreams }) =>
    upstreams.flatMap(({ service: target, origin }) => {
      const edge = edgeKey({ source, target });
      const port = ports.get(edge);
      // That every edge has a port is the caller's duty and asserted where it is used.
      if (port === undefined) return [];
      const owner = taken.get(port);
      taken.set(port, `the outbound listener of ${edge}`);
      if (owner === undefined) return [];
      const message = `the outbound listener of ${edge} needs port ${port}, which is taken by ${owner}`;
      return [diagnose(origin, "HED2111", { message, hint: "give it another port" })];
    }),
  );
}

export function checkAddresses(
  { mesh }: Resources,
  addresses: ReadonlyMap<string, readonly string[]>,
): Diagnostic[] {
  return mesh.services.flatMap(({ name, endpoints, origin }) => {
    const missing = endpoints.flatMap((endpoint) =>
      // A name that nobody has asked for yet, as in `heddle lint`, is no finding.
      questionsOf(endpoint).filter((name) => addresses.get(name)?.length === 0),
    );
    return [...new Set(missing)].map((host) => {
      const message = `'${host}' of service '${name}' has no address yet`;
      const hint =
        "check the name and the DNS server; requests are answered with 503 until it resolves";
      return diagnose(origin, "HED2204", { message, hint });
    });
  });
}

/** What has to be asked for it. */
function questionsOf(endpoint: Endpoint): string[] {
  if (endpoint.kind === "srv") return [askedFor(endpoint)];
  return endpoint.kind === "name" ? [endpoint.host] : [];
}

export function checkSubsets({ mesh }: Resources): Diagnostic[] {
  const { services } = mesh;
  return services.flatMap((service) => {
    const { name, subset, origin } = service;
    if (subset === undefined) return [];
    const { ports, endpoints } = selected(service, services);
    if (ports.length > 0 || endpoints.length > 0) return [];
    const labels = Object.entries(subset.labels).map(([label, value]) => `${label}: ${value}`);
    const message =
      labels.length === 0
        ? `the Service '${name}' selects no endpoint: service '${subset.of}' lists none`
        : `the Service '${name}' selects no endpoint: none of service '${subset.of}' has ${labels.join(", ")}`;
    const hint = "give endpoints of it these labels; requests are answered with 503 until then";
    return [diagnose(origin, "HED2206", { message, hint })];
  });
}
