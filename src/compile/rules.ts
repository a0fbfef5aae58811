// The rule table: the rules of all routes one after the other. Routes come in tie-break order, so that a rule's index
// is its rank among those that match equally well.
import type { HttpRoute, HttpRouteRule, Resources, ValueMatch } from "../resources/index.ts";
import type {
  Backend,
  HeaderEdit,
  Match,
  Rule,
  ValueMatch as CompiledValueMatch,
} from "../snapshot/index.ts";
import type { OriginTable } from "./origins.ts";
import { ServiceIndex } from "./service-index.ts";

export function compileRules({ mesh, routes }: Resources, origins: OriginTable): Rule[] {
  const services = new ServiceIndex(mesh);
  return routes.flatMap((route) =>
    route.rules.map((rule) => compileRule(route, rule, { services, origins })),
  );
}

interface Tables {
  services: ServiceIndex;
  origins: OriginTable;
}

function compileRule(route: HttpRoute, rule: HttpRouteRule, { services, origins }: Tables): Rule {
  return {
    route: `${route.namespace}/${route.name}`,
    matches: rule.matches.map(compileMatch),
    requestHeaders: copyOf(rule.requestHeaders),
    responseHeaders: copyOf(rule.responseHeaders),
    backends: rule.backendRefs.map(({ weight, name }): Backend => ({
      weight,
      target: { kind: "service", service: services.of(name) },
    })),
    origin: origins.index(rule.origin),
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

function copyOf({ set, add, remove }: HttpRouteRule["requestHeaders"]): HeaderEdit {
  return { set: [...set], add: [...add], remove: [...remove] };
}

const pathKinds = { Exact: "exact", PathPrefix: "prefix", RegularExpression: "regex" } as const;
