// The rule table: the rules of all routes one after the other. Routes come in tie-break order, so that a rule's index
// is its rank among those that match equally well.
import { invariant } from "../lib/invariant.ts";
import type {
  BackendRef,
  HeaderModifier,
  HttpRoute,
  HttpRouteRule,
  Mesh,
  PathChange,
  Resources,
  ValueMatch,
} from "../resources/index.ts";
import type {
  Backend,
  HeaderEdit,
  Match,
  PathChange as CompiledPathChange,
  Rule,
  ValueMatch as CompiledValueMatch,
} from "../snapshot/index.ts";
import type { OriginTable } from "./origins.ts";
import { ServiceIndex } from "./service-index.ts";

export function compileRules({ mesh, routes }: Resources, origins: OriginTable): Rule[] {
  const services = new ServiceIndex(mesh);
  return routes.flatMap((route) =>
    route.rules.map((rule) => compileRule(route, rule, { mesh, services, origins })),
  );
}

interface Tables {
  mesh: Mesh;
  services: ServiceIndex;
  origins: OriginTable;
}

function compileRule(
  route: HttpRoute,
  rule: HttpRouteRule,
  { mesh, services, origins }: Tables,
): Rule {
  return {
    route: `${route.namespace}/${route.name}`,
    ...(rule.name !== undefined && { name: rule.name }),
    matches: rule.matches.map(compileMatch),
    requestHeaders: copyOf(rule.requestHeaders),
    responseHeaders: copyOf(rule.responseHeaders),
    ...compileDirectResponse(route, rule, mesh),
    ...compileRedirect(rule),
    ...compileCors(rule),
    backends: rule.backendRefs.map((ref) => compileBackend(ref, services)),
    ...compileTimeouts(rule),
    origin: origins.index(rule.origin),
  };
}

function compileBackend(ref: BackendRef, services: ServiceIndex): Backend {
  const { weight, name, requestHeaders, responseHeaders } = ref;
  return {
    weight,
    target: { kind: "service", service: services.of(name) },
    ...(isChange(requestHeaders) && { requestHeaders: copyOf(requestHeaders) }),
    ...(isChange(responseHeaders) && { responseHeaders: copyOf(responseHeaders) }),
  };
}

function isChange({ set, add, remove }: HeaderModifier): boolean {
  return set.length + add.length + remove.length > 0;
}

function compileRedirect({ redirect, rewrite }: HttpRouteRule): Pick<Rule, "redirect" | "rewrite"> {
  if (redirect !== undefined) {
    const { path, statusCode, ...rest } = redirect;
    return { redirect: { ...rest, ...compilePath(path), status: statusCode } };
  }
  if (rewrite === undefined) return {};
  const { path, ...rest } = rewrite;
  return { rewrite: { ...rest, ...compilePath(path) } };
}

function compileDirectResponse(
  { namespace }: HttpRoute,
  { directResponse }: HttpRouteRule,
  { responses }: Mesh,
): Pick<Rule, "directResponse"> {
  if (directResponse === undefined) return {};
  const found = responses.find(
    (response) => response.name === directResponse.name && response.namespace === namespace,
  );
  invariant(found !== undefined, "references of routes are checked");
  const { status, contentType, body } = found;
  return { directResponse: { status, ...(contentType !== undefined && { contentType }), body } };
}

function compileCors({ cors }: HttpRouteRule): Pick<Rule, "cors"> {
  if (cors === undefined) return {};
  const { allowOrigins, allowCredentials, allowMethods, allowHeaders, exposeHeaders } = cors;
  return {
    cors: {
      allowOrigins: [...allowOrigins],
      ...(allowCredentials && { allowCredentials }),
      ...(allowMethods.length > 0 && { allowMethods: [...allowMethods] }),
      ...(allowHeaders.length > 0 && { allowHeaders: [...allowHeaders] }),
      ...(exposeHeaders.length > 0 && { exposeHeaders: [...exposeHeaders] }),
      maxAgeSeconds: cors.maxAge,
    },
  };
}

function compilePath(path: PathChange | undefined): { path?: CompiledPathChange } {
  if (path === undefined) return {};
  const { value } = path;
  return {
    path:
      path.type === "ReplaceFullPath"
        ? { kind: "full", value }
        : { kind: "prefix", matched: path.matched, value },
  };
}

function compileTimeouts({ timeouts }: HttpRouteRule): Pick<Rule, "timeouts"> {
  const { requestMs, backendRequestMs } = timeouts;
  if (requestMs === undefined && backendRequestMs === undefined) return {};
  return {
    timeouts: {
      ...(requestMs !== undefined && { requestMs }),
      backendRequestMs: backendRequestMs ?? 0,
    },
  };
}

function compileMatch(match: HttpRouteRule["matches"][number]): Match {
  const { path, method, headers, queryParams } = match;
  return {
    path: { kind: pathKinds[path.type], value: path.value },
    ...(method !== undefined && { method }),
    headers: headers.map(compileValue),
    ...(queryParams.length > 0 && { queryParams: queryParams.map(compileValue) }),
  };
}

function compileValue({ type, name, value }: ValueMatch): CompiledValueMatch {
  return { kind: type === "Exact" ? "exact" : "regex", name, value };
}

function copyOf({ set, add, remove }: HeaderModifier): HeaderEdit {
  return { set: [...set], add: [...add], remove: [...remove] };
}

const pathKinds = { Exact: "exact", PathPrefix: "prefix", RegularExpression: "regex" } as const;
