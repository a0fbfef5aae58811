// The service table, in the order of the file, with the rules of the routes that are attached to each service.
import type { Resources } from "../resources/index.ts";
import type { Service } from "../snapshot/index.ts";
import type { OriginTable } from "./origins.ts";

export function compileServices({ mesh, routes }: Resources, origins: OriginTable): Service[] {
  const rulesOf = new Map<string, number[]>();
  let next = 0;
  for (const { parentRefs, rules } of routes) {
    const indexes = rules.map((_, position) => next + position);
    next += rules.length;
    for (const parent of new Set(parentRefs.map(({ name }) => name))) {
      const attached = rulesOf.get(parent) ?? [];
      attached.push(...indexes);
      rulesOf.set(parent, attached);
    }
  }
  return mesh.services.map(
    ({ name, namespace, protocol, balancer, timeouts, healthCheck, warmUpMs, origin }) => ({
      name,
      namespace,
      protocol,
      balancer,
      timeouts: { ...timeouts },
      rules: rulesOf.get(name) ?? [],
      ...(healthCheck !== undefined && { healthCheck }),
      ...(warmUpMs > 0 && { warmUpMs }),
      origin: origins.index(origin),
    }),
  );
}
