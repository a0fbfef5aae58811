// What must hold in a snapshot before it is published: references in range, strings well formed, protocols equal along
// every reference. The data plane asserts the same (native/snapshot); what is found here is a bug of the compiler.
import { formatAddress, parseAddress } from "../lib/address.ts";
import { canonicalNetwork } from "../lib/network.ts";
import {
  addressProblems,
  corsProblems,
  directProblems,
  editProblems,
  healthCheckProblems,
  matchProblems,
  placeProblems,
} from "./consistent-text.ts";
import type { Endpoints } from "./generated/Endpoints.ts";
import type { Listener } from "./generated/Listener.ts";
import type { Rule } from "./generated/Rule.ts";
import type { Service } from "./generated/Service.ts";
import type { Snapshot } from "./generated/Snapshot.ts";

/** One thing that does not hold, and where. */
export interface Inconsistency {
  /** `listener edge`, `service default/web`, `rule 3 of default/route`, `endpoints` or `snapshot`. */
  resource: string;
  message: string;
}

/** Everything that is wrong with a snapshot, in table order; empty when it may be published. */
export function consistent(snapshot: Snapshot): Inconsistency[] {
  const { listeners, services, rules, endpoints } = snapshot;
  return [
    ...found("snapshot", versionProblems(snapshot.version)),
    ...repeated(listeners.map(listenerResource), "another listener has the same name"),
    ...repeated(services.map(serviceResource), "another service has the same name"),
    ...listeners.flatMap((item) => found(listenerResource(item), listenerProblems(item, snapshot))),
    ...sharedAddresses(listeners),
    ...services.flatMap((item) => found(serviceResource(item), serviceProblems(item, snapshot))),
    ...rules.flatMap((item, index) =>
      found(`rule ${index} of ${item.route}`, ruleProblems(item, snapshot)),
    ),
    ...consistentEndpoints(endpoints, services),
    ...found(
      "snapshot",
      snapshot.origins.some(({ line }) => line < 1) ? ["an origin has no line"] : [],
    ),
  ];
}

/** Checks endpoints that are to replace those of a snapshot with these services. */
export function consistentEndpoints(
  endpoints: Endpoints,
  services: readonly Service[],
): Inconsistency[] {
  const count = endpoints.services.length;
  const counted =
    count === services.length
      ? []
      : [`lists ${count} services where the configuration has ${services.length}`];
  return [
    ...found("endpoints", [...versionProblems(endpoints.version), ...counted]),
    ...services.flatMap((service, index) => {
      const addresses = endpoints.services[index] ?? [];
      return found(
        serviceResource(service),
        addresses.flatMap(({ address, weight = 1 }) => [
          ...addressProblems(address),
          ...(weight > u32Max ? [`weight ${weight} is beyond ${u32Max}`] : []),
        ]),
      );
    }),
  ];
}

function* listenerProblems(listener: Listener, { services, origins }: Snapshot): Generator<string> {
  yield* addressProblems(listener.address);
  if (Math.max(0, ...Object.values(listener.bounds ?? {})) > u32Max) {
    yield `a bound is beyond ${u32Max}`;
  }
  for (const network of listener.proxies ?? []) {
    if (canonicalNetwork(network) === undefined) yield `'${network}' is not ip or ip/prefix`;
  }
  const isUnix = listener.address.startsWith("unix:");
  if (listener.mode !== undefined && (!isUnix || listener.mode > modeMax)) {
    yield "has a mode that no address of its kind can have";
  }
  yield* indexProblems("origin", listener.origin, origins);
  yield* indexProblems("service", listener.service, services);
  const service = services[listener.service];
  if (service !== undefined && service.protocol !== listener.protocol) {
    yield `speaks ${listener.protocol} but leads to service ${service.name}, which speaks ${service.protocol}`;
  }
}

function* serviceProblems(service: Service, { rules, origins }: Snapshot): Generator<string> {
  yield* indexProblems("origin", service.origin, origins);
  for (const [position, rule] of service.rules.entries()) {
    yield* indexProblems("rule", rule, rules);
    if (position > 0 && rule <= (service.rules[position - 1] ?? 0)) {
      yield "rule indexes are not in ascending order";
    }
  }
  if (Math.max(...Object.values(service.timeouts)) > u32Max)
    yield `a timeout is beyond ${u32Max} ms`;
  if ((service.warmUpMs ?? 0) > u32Max) yield `its time to warm up is beyond ${u32Max} ms`;
  if (service.healthCheck !== undefined) yield* healthCheckProblems(service.healthCheck);
  if (service.protocol === "tcp" && service.rules.length > 0) {
    yield "speaks tcp but has rules, which need http";
  }
}

function* ruleProblems(rule: Rule, { services, origins }: Snapshot): Generator<string> {
  yield* indexProblems("origin", rule.origin, origins);
  if (rule.matches.length === 0) yield "has no match";
  for (const match of rule.matches) yield* matchProblems(match);
  yield* redirectProblems(rule);
  if (rule.cors !== undefined) yield* corsProblems(rule.cors);
  if (rule.directResponse !== undefined) {
    if (rule.backends.length > 0 || rule.redirect !== undefined || rule.rewrite !== undefined)
      yield "answers itself and does something else";
    yield* directProblems(rule.directResponse);
  }
  yield* editProblems(rule.requestHeaders);
  yield* editProblems(rule.responseHeaders);
  for (const { weight, target, requestHeaders, responseHeaders } of rule.backends) {
    if (weight > u32Max) yield `weight ${weight} is beyond ${u32Max}`;
    if (requestHeaders !== undefined) yield* editProblems(requestHeaders);
    if (responseHeaders !== undefined) yield* editProblems(responseHeaders);
    if (target.kind === "invalid") continue;
    yield* indexProblems("service", target.service, services);
    const service = services[target.service];
    if (service?.protocol === "tcp")
      yield `has the backend ${service.name}, which does not speak http`;
  }
}

function* redirectProblems(rule: Rule): Generator<string> {
  const { redirect, rewrite, matches, backends, timeouts } = rule;
  if (redirect !== undefined) {
    if (backends.length > 0 || rewrite !== undefined) yield "redirects and forwards at once";
    if (![301, 302, 303, 307, 308].includes(redirect.status))
      yield `${redirect.status} is no status of a redirect`;
    if ((redirect.port ?? 0) > 65535) yield `port ${redirect.port} is beyond 65535`;
  }
  for (const change of [redirect, rewrite]) {
    if (change === undefined) continue;
    const { hostname, path } = change;
    yield* placeProblems({ ...(hostname !== undefined && { hostname }), ...(path && { path }) });
    if (path?.kind !== "prefix") continue;
    const { matched } = path;
    if (!matches.every((match) => match.path.kind === "prefix" && match.path.value === matched))
      yield `replaces the prefix '${matched}', which it does not match`;
  }
  if (Math.max(timeouts?.requestMs ?? 0, timeouts?.backendRequestMs ?? 0) > u32Max)
    yield `a timeout is beyond ${u32Max} ms`;
}

/** Listeners whose addresses are one address in two spellings too. */
function sharedAddresses(listeners: readonly Listener[]): Inconsistency[] {
  const seen = new Set<string>();
  return listeners.flatMap((listener) => {
    const parsed = parseAddress(listener.address);
    const key = parsed instanceof Error ? listener.address : formatAddress(parsed);
    const shared = seen.has(key);
    seen.add(key);
    const message = `another listener has the address ${listener.address}`;
    return shared ? [{ resource: listenerResource(listener), message }] : [];
  });
}

function repeated(resources: readonly string[], message: string): Inconsistency[] {
  const seen = new Set<string>();
  const again = resources.filter((resource) => seen.size === seen.add(resource).size);
  return again.map((resource) => ({ resource, message }));
}

function found(resource: string, messages: Iterable<string>): Inconsistency[] {
  return [...messages].map((message) => ({ resource, message }));
}

function indexProblems(table: string, index: number, items: readonly unknown[]): string[] {
  return index < items.length ? [] : [`names ${table} ${index}, which does not exist`];
}

function versionProblems(version: number): string[] {
  return Number.isSafeInteger(version) && version >= 0
    ? []
    : [`version ${version} is no safe integer`];
}

function listenerResource({ name }: Listener): string {
  return `listener ${name}`;
}

function serviceResource({ namespace, name }: Service): string {
  return `service ${namespace}/${name}`;
}

/** Read, write and execute for owner, group and others. */
const modeMax = 0o777;
const u32Max = 2 ** 32 - 1;
