// One rule of an HTTPRoute: its matches, header filters and weighted backends.
import type { HttpRouteDocument } from "./http-route.ts";
import { readBackendFilters, readFilters } from "./read-filters.ts";
import { readMatch } from "./read-match.ts";
import { readRuleTimeouts } from "./read-rule-timeouts.ts";
import type { HttpRouteRule } from "./resources.ts";
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
  const read = conditions.map(([index, match]) =>
    readMatch(`${pointer}/matches/${index}`, match, view),
  );
  return {
    ...(name !== undefined && { name }),
    matches: read,
    ...readFilters(pointer, document, { view, matches: read }),
    timeouts: readRuleTimeouts(`${pointer}/timeouts`, document, view),
    backendRefs: readBackendRefs(pointer, document, context),
    origin: view.origin(pointer),
  };
}

function readBackendRefs(
  pointer: string,
  { backendRefs, filters = [] }: RuleDocument,
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
    ...readBackendFilters(`${pointer}/backendRefs/${index}`, ref.filters, view),
    origin: view.origin(`${pointer}/backendRefs/${index}/name`),
  }));
  const answers = filters.some(({ type }) => ["RequestRedirect", "ExtensionRef"].includes(type));
  if (answers || refs.some(({ weight }) => weight > 0)) return refs;
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
