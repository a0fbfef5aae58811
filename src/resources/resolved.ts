// The full, long form of resources: every default written out, each resource with the place it comes from.
import { formatDurationMs } from "../lib/duration.ts";
import { formatAddress } from "../lib/address.ts";
import { srvScheme } from "../lib/srv.ts";
import type { HealthCheck } from "../snapshot/index.ts";
import type { Origin } from "./diagnostic.ts";
import type {
  BackendRef,
  Endpoint,
  HeaderModifier,
  HttpRoute,
  HttpRouteRule,
  Listener,
  Resources,
  Rewrite,
  Service,
} from "./resources.ts";

/** Plain data for YAML or JSON; `origin` is `file:line`. */
export function resolved({ mesh, routes }: Resources): unknown {
  return {
    mesh: mesh.name,
    namespace: mesh.namespace,
    origin: place(mesh.origin),
    ...(mesh.dnsServers.length > 0 && { dns: { servers: mesh.dnsServers } }),
    ...(mesh.accessLog !== undefined && {
      accessLog: { ...mesh.accessLog, sample: `1/${mesh.accessLog.sample}` },
    }),
    ...(mesh.responses.length > 0 && {
      responses: mesh.responses.map(({ origin, ...rest }) => ({ ...rest, origin: place(origin) })),
    }),
    listeners: mesh.listeners.map(resolvedListener),
    services: Object.fromEntries(
      mesh.services.map((service) => [service.name, resolvedService(service)]),
    ),
    routes: routes.map(resolvedRoute),
  };
}

function resolvedListener({ mode, proxies, bounds, origin, ...rest }: Listener): unknown {
  const timeouts = durations({ head: bounds.headMs, idle: bounds.idleMs, age: bounds.ageMs });
  const { bodyBytesPerSecond } = bounds;
  return {
    ...rest,
    ...(mode !== undefined && { mode: formatMode(mode) }),
    ...(proxies.length > 0 && { proxyProtocol: { trust: proxies } }),
    ...(Object.keys(timeouts).length > 0 && { timeouts }),
    ...(bodyBytesPerSecond !== undefined && { limits: { bodyBytesPerSecond } }),
    origin: place(origin),
  };
}

function resolvedService(service: Service): unknown {
  const { protocol, port, run, replicas, upstreams, endpoints, balancer, timeouts, origin } =
    service;
  const { endpointsFile } = service;
  return {
    protocol,
    ...(port !== undefined && { port }),
    ...(run !== undefined && { run }),
    replicas,
    ...(service.subset !== undefined && { subset: service.subset }),
    endpoints: endpoints.map(resolvedEndpoint),
    ...(endpointsFile !== undefined && { endpointsFile: endpointsFile.path }),
    upstreams: upstreams.map((upstream) => upstream.service),
    balancer,
    warmUp: duration(service.warmUpMs),
    ...(service.healthCheck !== undefined && { healthCheck: resolvedCheck(service.healthCheck) }),
    timeouts: durations({
      connect: timeouts.connectMs,
      request: timeouts.requestMs,
      streamIdle: timeouts.streamIdleMs,
      idle: timeouts.idleMs,
    }),
    origin: place(origin),
  };
}

function resolvedCheck({ http, intervalMs, timeoutMs, rise, fall }: HealthCheck): unknown {
  const statuses = http?.statuses.map(({ first, last }) => `${first}-${last}`);
  return {
    protocol: http === undefined ? "tcp" : "http",
    ...(http !== undefined && { ...http, statuses }),
    interval: duration(intervalMs),
    timeout: duration(timeoutMs),
    rise,
    fall,
  };
}

function resolvedEndpoint(endpoint: Endpoint): unknown {
  const { weight, labels } = endpoint;
  return { address: addressOf(endpoint), weight, labels };
}

/** The object in full, with its place beside it. */
function addressOf(endpoint: Endpoint): string {
  return endpoint.kind === "srv" ? `${srvScheme}${endpoint.name}` : formatAddress(endpoint);
}

export function resolvedRoute(route: HttpRoute): Record<string, unknown> {
  const { name, namespace, creationTimestamp, hostnames, parents, rules, origin } = route;
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name, namespace, ...(creationTimestamp !== undefined && { creationTimestamp }) },
    spec: {
      ...(hostnames.length > 0 && { hostnames }),
      parentRefs: parents.map(({ index: _index, ...ref }) => ref),
      rules: rules.map(resolvedRule),
    },
    origin: place(origin),
  };
}

function resolvedRule(rule: HttpRouteRule): unknown {
  const filters = [
    ...modifiers(rule),
    ...(rule.redirect
      ? [{ type: "RequestRedirect", requestRedirect: withPath(rule.redirect) }]
      : []),
    ...(rule.rewrite ? [{ type: "URLRewrite", urlRewrite: withPath(rule.rewrite) }] : []),
    ...(rule.directResponse
      ? [{ type: "ExtensionRef", extensionRef: extensionRef(rule.directResponse.name) }]
      : []),
    ...(rule.cors ? [{ type: "CORS", cors: rule.cors }] : []),
  ];
  const { requestMs, backendRequestMs } = rule.timeouts;
  const timeouts = {
    ...(requestMs !== undefined && { request: duration(requestMs) }),
    ...(backendRequestMs !== undefined && { backendRequest: duration(backendRequestMs) }),
  };
  return {
    ...(rule.name !== undefined && { name: rule.name }),
    matches: rule.matches.map(({ path, method, headers, queryParams }) => ({
      path,
      ...(method !== undefined && { method }),
      ...(headers.length > 0 && { headers }),
      ...(queryParams.length > 0 && { queryParams }),
    })),
    ...(filters.length > 0 && { filters }),
    ...(Object.keys(timeouts).length > 0 && { timeouts }),
    backendRefs: rule.backendRefs.map(resolvedBackend),
    origin: place(rule.origin),
  };
}

function extensionRef(name: string): unknown {
  return { group: "heddle.dev", kind: "DirectResponse", name };
}

function resolvedBackend(ref: BackendRef): unknown {
  const filters = modifiers(ref);
  return {
    ...serviceRef(ref),
    weight: ref.weight,
    ...(filters.length > 0 && { filters }),
  };
}

function modifiers(of: Pick<BackendRef, "requestHeaders" | "responseHeaders">): unknown[] {
  return [
    ...filter("RequestHeaderModifier", "requestHeaderModifier", of.requestHeaders),
    ...filter("ResponseHeaderModifier", "responseHeaderModifier", of.responseHeaders),
  ];
}

function filter(type: string, key: string, modifier: HeaderModifier): unknown[] {
  const used = Object.entries(modifier).filter(([, items]) => items.length > 0);
  return used.length === 0 ? [] : [{ type, [key]: Object.fromEntries(used) }];
}

/** With the path in the form that upstream has. */
function withPath<T extends Rewrite>({ path, ...rest }: T): unknown {
  if (path === undefined) return rest;
  const field = path.type === "ReplaceFullPath" ? "replaceFullPath" : "replacePrefixMatch";
  return { ...rest, path: { type: path.type, [field]: path.value } };
}

function serviceRef(ref: {
  namespace: string;
  name: string;
  port?: number;
}): Record<string, unknown> {
  const { namespace, name, port } = ref;
  return { group: "", kind: "Service", namespace, name, ...(port !== undefined && { port }) };
}

/** Those that are set. */
function durations(all: Record<string, number | undefined>): Record<string, string> {
  const texts = Object.entries(all).flatMap(([key, ms]) =>
    ms === undefined ? [] : [[key, duration(ms)] as const],
  );
  return Object.fromEntries(texts);
}

function formatMode(mode: number): string {
  return `0${mode.toString(8)}`;
}

function duration(durationMs: number): string {
  return formatDurationMs(durationMs) ?? `${durationMs}ms`;
}

function place({ position }: Origin): string {
  return `${position.file}:${position.line}`;
}
