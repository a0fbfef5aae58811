// What a user's files say, once they are read: complete values with every default filled in, each with the place it
// was written at. Names are resolved and references hold; the compiler does not check them again.
import type {
  AccessLog,
  Balancer,
  Errors,
  Header,
  HealthCheck,
  ListenerBounds,
  Protocol,
  RequestIds,
  Timeouts,
} from "../snapshot/index.ts";
import type { Address } from "../lib/address.ts";
import type { SrvName } from "../lib/srv.ts";
import type { Origin } from "./diagnostic.ts";

export interface Resources {
  mesh: Mesh;
  /** Those that apply, in tie-break order: oldest first, then by namespace and name. */
  routes: HttpRoute[];
}

export interface Mesh {
  name: string;
  namespace: string;
  accessLog?: AccessLog;
  /** `ip:port`; none for those of this machine. */
  dnsServers: string[];
  responses: DirectResponse[];
  listeners: Listener[];
  /** In the order of the file. */
  services: Service[];
  origin: Origin;
}

/** A door for callers outside the mesh. */
export interface Listener {
  name: string;
  /** `ip:port`, `[ip6]:port` or `unix:/path`. */
  address: string;
  /** Permission bits of the socket's file. */
  mode?: number;
  protocol: Protocol;
  service: string;
  errors: Errors;
  requestId: RequestIds;
  /** Networks of the balancers that begin each connection with a PROXY header; empty: there is none. */
  proxies: string[];
  /** Only what the file sets; the rest is the data plane's default. */
  bounds: ListenerBounds;
  origin: Origin;
}

export interface Service {
  name: string;
  namespace: string;
  protocol: Protocol;
  port?: number;
  run?: string;
  /** Ports on this host. */
  replicas: number[];
  upstreams: { service: string; origin: Origin }[];
  endpoints: Endpoint[];
  /** Holds further endpoints; the path is as heddle opens it. */
  endpointsFile?: { path: string; origin: Origin };
  balancer: Balancer;
  healthCheck?: HealthCheck;
  /** 0: none. */
  warmUpMs: number;
  /** It is the part of another service whose endpoints have these labels, and has none of its own. */
  subset?: { of: string; labels: Readonly<Record<string, string>> };
  timeouts: Timeouts;
  origin: Origin;
}

/** An address that heddle does not run. */
export type Endpoint = (Address | SrvName) & {
  /** Share beside the weights of the others. */
  weight: number;
  labels: Readonly<Record<string, string>>;
};

export interface HttpRoute {
  name: string;
  namespace: string;
  creationTimestamp?: string;
  hostnames: string[];
  /** Services that it applies to; a route of `Resources` has one or more. */
  parentRefs: ServiceRef[];
  /** Every parent, in the order of the file. */
  parents: ParentRef[];
  rules: HttpRouteRule[];
  origin: Origin;
}

/** What a route names as a parent, a service or not. */
export interface ParentRef {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  sectionName?: string;
  port?: number;
  /** In the list of the file. */
  index: number;
}

/** A reference to a service, as routes make it. */
export interface ServiceRef {
  namespace: string;
  name: string;
  port?: number;
  origin: Origin;
}

export interface HttpRouteRule {
  name?: string;
  /** Never empty. */
  matches: HttpRouteMatch[];
  requestHeaders: HeaderModifier;
  responseHeaders: HeaderModifier;
  /** A rule that redirects has no backendRefs. */
  redirect?: Redirect;
  rewrite?: Rewrite;
  cors?: Cors;
  /** A rule that answers itself has no backendRefs. */
  directResponse?: { name: string; origin: Origin };
  timeouts: RuleTimeouts;
  backendRefs: BackendRef[];
  origin: Origin;
}

/** A response that is given without asking anybody. */
export interface DirectResponse {
  name: string;
  namespace: string;
  status: number;
  /** Of a body. */
  contentType?: string;
  body: string;
  origin: Origin;
}

/** Which pages of other origins may use the answers of a rule; a list that is `*` alone stands for everything. */
export interface Cors {
  /** In lower case, without the port of the scheme. */
  allowOrigins: string[];
  allowCredentials: boolean;
  allowMethods: string[];
  allowHeaders: string[];
  exposeHeaders: string[];
  maxAge: number;
}

export interface BackendRef extends ServiceRef {
  weight: number;
  /** For its own requests, after the modifiers of the rule. */
  requestHeaders: HeaderModifier;
  responseHeaders: HeaderModifier;
}

export interface Redirect extends Rewrite {
  scheme?: "http" | "https";
  port?: number;
  statusCode: number;
}

export interface Rewrite {
  hostname?: string;
  path?: PathChange;
}

/** A value for a prefix does not end with `/`; it stands in place of `matched`, the only match of the rule. */
export type PathChange =
  | { type: "ReplaceFullPath"; value: string }
  | { type: "ReplacePrefixMatch"; matched: string; value: string };

/** 0 switches a limit off; absent is as the service has it, or no limit for one attempt. */
export interface RuleTimeouts {
  requestMs?: number;
  backendRequestMs?: number;
}

export interface HttpRouteMatch {
  /** A prefix ends with `/` only when it is `/`; a regular expression is for the whole path. */
  path: { type: "Exact" | "PathPrefix" | "RegularExpression"; value: string };
  method?: string;
  /** Names are in lower case, none twice. */
  headers: ValueMatch[];
  /** No name twice. */
  queryParams: ValueMatch[];
  origin: Origin;
}

/** Condition on a header or a query parameter; a regular expression is for the whole value. */
export interface ValueMatch extends Header {
  type: "Exact" | "RegularExpression";
}

export interface HeaderModifier {
  set: Header[];
  add: Header[];
  /** In lower case. */
  remove: string[];
}
