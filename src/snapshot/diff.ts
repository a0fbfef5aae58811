// What changed between two snapshots, by name: decides whether there is anything to publish, and says it in logs.
import { canonical } from "./codec.ts";
import type { Snapshot } from "./generated/Snapshot.ts";

/** Versions do not count as a change. */
export interface SnapshotDiff {
  /** Anything but the endpoints differs. */
  configuration: boolean;
  endpoints: boolean;
  /** By resource, in table order; what merely moved to another line is not listed. */
  changes: Change[];
}

export interface Change {
  kind: "added" | "removed" | "changed";
  /** `listener edge`, `service default/web`, `route default/pay` or `endpoints default/web`. */
  resource: string;
}

export function diff(earlier: Snapshot, later: Snapshot): SnapshotDiff {
  const [before, after] = [canonical(earlier), canonical(later)];
  const [old, current] = [meaning(before), meaning(after)];
  const changes: Change[] = [];
  for (const resource of new Set([...old.keys(), ...current.keys()])) {
    const [was, is] = [old.get(resource), current.get(resource)];
    if (was === is) continue;
    const kind = was === undefined ? "added" : is === undefined ? "removed" : "changed";
    changes.push({ kind, resource });
  }
  return {
    configuration: configuration(before) !== configuration(after),
    endpoints: text(before.endpoints.services) !== text(after.endpoints.services),
    changes,
  };
}

/** Each resource with all that it means as text: indexes replaced by names, origins left out. */
function meaning(snapshot: Snapshot): Map<string, string> {
  const result = new Map<string, string>();
  const nameOf = (index: number): string => {
    const service = snapshot.services[index];
    return service === undefined ? `service ${index}` : `${service.namespace}/${service.name}`;
  };
  // The rules of a route come one after the other.
  const set = (resource: string, value: unknown): void => {
    result.set(resource, (result.get(resource) ?? "") + text(value));
  };
  for (const listener of snapshot.listeners) {
    set(`listener ${listener.name}`, { ...listener, service: nameOf(listener.service) });
  }
  for (const [index, service] of snapshot.services.entries()) {
    const routes = service.rules.map((rule) => snapshot.rules[rule]?.route);
    set(`service ${nameOf(index)}`, { ...service, rules: [...new Set(routes)] });
    set(`endpoints ${nameOf(index)}`, snapshot.endpoints.services[index]);
  }
  for (const rule of snapshot.rules) {
    const backends = rule.backends.map(({ weight, target }) => [
      weight,
      target.kind === "service" ? nameOf(target.service) : target,
    ]);
    set(`route ${rule.route}`, { ...rule, backends });
  }
  return result;
}

function configuration(snapshot: Snapshot): string {
  return JSON.stringify({ ...snapshot, version: undefined, endpoints: undefined });
}

/** Without the places where things were written. */
function text(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => (key === "origin" ? undefined : member));
}
