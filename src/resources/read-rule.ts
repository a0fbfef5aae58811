// One rule of an HTTPRoute: its matches, header filters and weighted backends.
import type { HttpRouteDocument } from "./http-route.ts";
import { readModifier } from "./read-modifier.ts";
import { readMatch } from "./read-match.ts";
import type { HeaderModifier, HttpRouteRule } from "./resources.ts";
import type { View } from "./view.ts";

type RuleDocument = NonNullable<HttpRouteDocument["spec"]["rules"]>[number];

export interface RuleContext {
  view: View<HttpRouteDocument>;
  /** Namespace of the route. */
  namespace: string;
}

export function readRule(
  pointer: string,
  document: RuleDocument,
  context: RuleContext,
): HttpRouteRule {
  const { view } = context;
  const { name, matches = [] } = document;
  // Gateway API: no match means PathPrefix "/".
  const conditions = matches.length === 0 ? [[0, {}] as const] : view.items(matches);
  return {
    ...(name !== undefined && { name }),
    matches: conditions.map(([index, match]) =>
      readMatch(`${pointer}/matches/${index}`, match, view),
    ),
    ...readFilters(pointer, document, view),
    backendRefs: readBackendRefs(pointer, document, context),
    origin: view.origin(pointer),
  };
}

function readFilters(
  pointer: string,
  { filters }: RuleDocument,
  view: View<HttpRouteDocument>,
): { requestHeaders: HeaderModifier; responseHeaders: HeaderModifier } {
  const none: HeaderModifier = { set: [], add: [], remove: [] };
  const read = { requestHeaders: none, responseHeaders: none };
  const seen = new Set<string>();
  for (const [index, filter] of view.items(filters)) {
    const at = `${pointer}/filters/${index}`;
    if (view.damaged(`${at}/type`)) continue;
    const [field, other, key] = settings[filter.type];
    const setting = filter[field];
    if (seen.has(filter.type)) {
      const message = `a rule can have one ${filter.type} filter`;
      view.report("HED2118", {
        pointer: `${at}/type`,
        message,
        hint: "merge it with the one above",
      });
    } else if (setting === undefined) {
      const message = `a filter of type ${filter.type} needs '${field}'`;
      view.report("HED2118", {
        pointer: `${at}/type`,
        message,
        hint: `add '${field}' with set, add or remove`,
      });
    } else {
      read[key] = readModifier(`${at}/${field}`, setting, view);
    }
    if (filter[other] !== undefined) {
      const message = `'${other}' does not belong to a filter of type ${filter.type}`;
      const hint = "remove it, or give it a filter of its own";
      view.report("HED2118", { pointer: `${at}/${other}`, part: "key", message, hint });
    }
    seen.add(filter.type);
  }
  return read;
}

function readBackendRefs(
  pointer: string,
  { backendRefs }: RuleDocument,
  { view, namespace }: RuleContext,
): HttpRouteRule["backendRefs"] {
  const usable = view.items(backendRefs).filter(([index]) => {
    const at = `${pointer}/backendRefs/${index}`;
    return !view.damaged(`${at}/name`) && !view.damaged(`${at}/kind`);
  });
  const refs = usable.map(([index, ref]) => ({
    namespace: ref.namespace ?? namespace,
    name: ref.name,
    ...(ref.port !== undefined && { port: ref.port }),
    weight: ref.weight ?? 1,
    origin: view.origin(`${pointer}/backendRefs/${index}/name`),
  }));
  if (refs.some(({ weight }) => weight > 0)) return refs;
  view.report("HED2201", {
    pointer: refs.length === 0 ? pointer : `${pointer}/backendRefs`,
    part: "key",
    message:
      refs.length === 0
        ? "this rule has no backendRefs: every request that it matches is answered with 503"
        : "the weights of this rule add up to 0: every request that it matches is answered with 503",
    hint: refs.length === 0 ? "add backendRefs" : "give at least one backend a weight above 0",
  });
  return refs;
}

const settings = {
  RequestHeaderModifier: ["requestHeaderModifier", "responseHeaderModifier", "requestHeaders"],
  ResponseHeaderModifier: ["responseHeaderModifier", "requestHeaderModifier", "responseHeaders"],
} as const;
