// An HTTPRoute document to an `HttpRoute`: Gateway API defaults filled in, parents of a service mesh only.
import { oneOf } from "./found.ts";
import type { HttpRouteDocument } from "./http-route.ts";
import { readParentRefs } from "./read-parent-refs.ts";
import { readRule } from "./read-rule.ts";
import type { HttpRoute, HttpRouteRule } from "./resources.ts";
import type { View } from "./view.ts";

/** `namespace` is that of objects which name none. */
export function readHttpRoute(view: View<HttpRouteDocument>, namespace: string): HttpRoute {
  const { metadata, spec } = view.value;
  const own = metadata.namespace ?? namespace;
  const { hostnames = [] } = spec;
  const parents = readParentRefs(view, own);
  if (hostnames.length > 0 && parents.parentRefs.length > 0) {
    view.report("HED2202", {
      pointer: "/spec/hostnames",
      part: "key",
      message: `route '${metadata.name}' is attached to services, so its hostnames are ignored`,
      hint: `remove hostnames (${oneOf(hostnames)}), or leave them for use with a Gateway elsewhere`,
    });
  }
  checkRuleNames(view);
  return {
    name: metadata.name,
    namespace: own,
    ...readTimestamp(view),
    hostnames: [...hostnames],
    ...parents,
    rules: readRules(view, own),
    origin: view.origin("/metadata/name", "key"),
  };
}

function readRules(view: View<HttpRouteDocument>, namespace: string): HttpRouteRule[] {
  const { rules } = view.value.spec;
  const context = { view, namespace };
  // Gateway API: without rules there is one that matches everything and has no backend.
  if (rules === undefined) return [readRule("/spec", {}, context)];
  return view.items(rules).map(([index, rule]) => readRule(`/spec/rules/${index}`, rule, context));
}

function readTimestamp(view: View<HttpRouteDocument>): { creationTimestamp?: string } {
  const { creationTimestamp } = view.value.metadata;
  if (creationTimestamp === undefined || creationTimestamp === null) return {};
  if (dateTime.test(creationTimestamp) && !Number.isNaN(Date.parse(creationTimestamp)))
    return { creationTimestamp };
  view.report("HED2015", {
    pointer: "/metadata/creationTimestamp",
    message: `metadata.creationTimestamp must be a date and time, found "${creationTimestamp}"`,
    hint: "write the form 2026-11-23T10:41:07Z, or remove the field",
  });
  return {};
}

function checkRuleNames(view: View<HttpRouteDocument>): void {
  const seen = new Set<string>();
  for (const [index, { name }] of view.items(view.value.spec.rules)) {
    if (name !== undefined && seen.has(name)) {
      const message = `another rule of this route has the name '${name}'`;
      view.report("HED2120", {
        pointer: `/spec/rules/${index}/name`,
        message,
        hint: "give each rule a name of its own",
      });
    }
    if (name !== undefined) seen.add(name);
  }
}

/** RFC 3339 section 5.6. */
const dateTime = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
