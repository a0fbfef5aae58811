// The fields of every struct of the snapshot, in the order in which Rust writes them. The compiler compares these
// tables with the generated types, so that a field added on one side alone does not build.
import type { AccessLog } from "./generated/AccessLog.ts";
import type { Backend } from "./generated/Backend.ts";
import type { Cors } from "./generated/Cors.ts";
import type { DirectResponse } from "./generated/DirectResponse.ts";
import type { Endpoint } from "./generated/Endpoint.ts";
import type { Endpoints } from "./generated/Endpoints.ts";
import type { Header } from "./generated/Header.ts";
import type { HeaderEdit } from "./generated/HeaderEdit.ts";
import type { HealthCheck } from "./generated/HealthCheck.ts";
import type { HttpCheck } from "./generated/HttpCheck.ts";
import type { Listener } from "./generated/Listener.ts";
import type { ListenerBounds } from "./generated/ListenerBounds.ts";
import type { Match } from "./generated/Match.ts";
import type { Origin } from "./generated/Origin.ts";
import type { PathChange } from "./generated/PathChange.ts";
import type { PathMatch } from "./generated/PathMatch.ts";
import type { Redirect } from "./generated/Redirect.ts";
import type { Rewrite } from "./generated/Rewrite.ts";
import type { Rule } from "./generated/Rule.ts";
import type { RuleTimeouts } from "./generated/RuleTimeouts.ts";
import type { Service } from "./generated/Service.ts";
import type { Snapshot } from "./generated/Snapshot.ts";
import type { StatusRange } from "./generated/StatusRange.ts";
import type { Target } from "./generated/Target.ts";
import type { Timeouts } from "./generated/Timeouts.ts";
import type { ValueMatch } from "./generated/ValueMatch.ts";

/** The form of a value. */
export type Shape =
  | { kind: "count" }
  | { kind: "text" }
  | { kind: "flag" }
  | { kind: "word"; words: readonly string[] }
  | { kind: "list"; item: Shape }
  | { kind: "struct"; fields: Record<string, Shape>; optional: readonly string[] }
  | { kind: "variants"; variants: Record<string, Shape> };

type Fields<T> = { [Key in keyof Required<T>]: Shape };

const count: Shape = { kind: "count" };
const text: Shape = { kind: "text" };

const protocol = word("http", "tcp");
const header = struct<Header>({ name: text, value: text });
const headerEdit = struct<HeaderEdit>({ set: list(header), add: list(header), remove: list(text) });
const pathMatch: Shape = {
  kind: "variants",
  variants: {
    exact: struct<Omit<Extract<PathMatch, { kind: "exact" }>, "kind">>({ value: text }),
    prefix: struct<Omit<Extract<PathMatch, { kind: "prefix" }>, "kind">>({ value: text }),
    regex: struct<Omit<Extract<PathMatch, { kind: "regex" }>, "kind">>({ value: text }),
  } satisfies Record<PathMatch["kind"], Shape>,
};
const valueMatch: Shape = {
  kind: "variants",
  variants: { exact: header, regex: header } satisfies Record<ValueMatch["kind"], Shape>,
};
const target: Shape = {
  kind: "variants",
  variants: {
    service: struct<Omit<Extract<Target, { kind: "service" }>, "kind">>({ service: count }),
    invalid: struct<Omit<Extract<Target, { kind: "invalid" }>, "kind">>({ reason: text }),
  } satisfies Record<Target["kind"], Shape>,
};
const match = struct<Match>(
  { path: pathMatch, method: text, headers: list(valueMatch), queryParams: list(valueMatch) },
  ["method", "queryParams"],
);
const pathChange: Shape = {
  kind: "variants",
  variants: {
    full: struct<Omit<Extract<PathChange, { kind: "full" }>, "kind">>({ value: text }),
    prefix: struct<Omit<Extract<PathChange, { kind: "prefix" }>, "kind">>({
      matched: text,
      value: text,
    }),
  } satisfies Record<PathChange["kind"], Shape>,
};
const redirect = struct<Redirect>(
  {
    scheme: word("http", "https"),
    hostname: text,
    port: count,
    path: pathChange,
    status: count,
  },
  ["scheme", "hostname", "port", "path"],
);
const backend = struct<Backend>(
  { weight: count, target, requestHeaders: headerEdit, responseHeaders: headerEdit },
  ["requestHeaders", "responseHeaders"],
);
const cors = struct<Cors>(
  {
    allowOrigins: list(text),
    allowCredentials: { kind: "flag" },
    allowMethods: list(text),
    allowHeaders: list(text),
    exposeHeaders: list(text),
    maxAgeSeconds: count,
  },
  ["allowCredentials", "allowMethods", "allowHeaders", "exposeHeaders"],
);
const rule = struct<Rule>(
  {
    route: text,
    name: text,
    matches: list(match),
    requestHeaders: headerEdit,
    responseHeaders: headerEdit,
    redirect,
    directResponse: struct<DirectResponse>({ status: count, contentType: text, body: text }, [
      "contentType",
    ]),
    rewrite: struct<Rewrite>({ hostname: text, path: pathChange }, ["hostname", "path"]),
    cors,
    backends: list(backend),
    timeouts: struct<RuleTimeouts>({ requestMs: count, backendRequestMs: count }, ["requestMs"]),
    origin: count,
  },
  ["name", "redirect", "directResponse", "rewrite", "cors", "timeouts"],
);
const healthCheck = struct<HealthCheck>(
  {
    http: struct<HttpCheck>({
      host: text,
      path: text,
      statuses: list(struct<StatusRange>({ first: count, last: count })),
    }),
    intervalMs: count,
    timeoutMs: count,
    rise: count,
    fall: count,
  },
  ["http"],
);
const service = struct<Service>(
  {
    name: text,
    namespace: text,
    protocol,
    balancer: word("peakEwma", "roundRobin", "leastRequest"),
    timeouts: struct<Timeouts>(
      { connectMs: count, requestMs: count, idleMs: count, streamIdleMs: count },
      ["idleMs", "streamIdleMs"],
    ),
    rules: list(count),
    healthCheck,
    warmUpMs: count,
    origin: count,
  },
  ["healthCheck", "warmUpMs"],
);
const bounds = struct<ListenerBounds>(
  { headMs: count, idleMs: count, ageMs: count, bodyBytesPerSecond: count },
  ["headMs", "idleMs", "ageMs", "bodyBytesPerSecond"],
);
const listener = struct<Listener>(
  {
    name: text,
    address: text,
    mode: count,
    protocol,
    source: text,
    service: count,
    errors: word("brief", "full"),
    requestId: word("replace", "keep"),
    proxies: list(text),
    bounds,
    origin: count,
  },
  ["mode", "source", "errors", "requestId", "proxies", "bounds"],
);

export const endpointsShape: Shape = struct<Endpoints>({
  version: count,
  services: list(list(struct<Endpoint>({ address: text, weight: count }, ["weight"]))),
});
export const snapshotShape: Shape = struct<Snapshot>(
  {
    version: count,
    mesh: text,
    listeners: list(listener),
    services: list(service),
    rules: list(rule),
    endpoints: endpointsShape,
    accessLog: struct<AccessLog>({
      path: text,
      format: word("json", "envoy", "apache"),
      sample: count,
    }),
    origins: list(struct<Origin>({ file: text, line: count, resource: text })),
  },
  ["accessLog"],
);

function word(...words: readonly string[]): Shape {
  return { kind: "word", words };
}

function list(item: Shape): Shape {
  return { kind: "list", item };
}

function struct<T>(fields: Fields<T>, optional: readonly (keyof T & string)[] = []): Shape {
  return { kind: "struct", fields, optional };
}
