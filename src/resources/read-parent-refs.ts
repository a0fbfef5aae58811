// The parentRefs of a route: in a mesh the parent is a Service (GEP-1324); Gateways and consumer routes come later.
import { nearest } from "../lib/nearest.ts";
import { didYouMean } from "./found.ts";
import type { HttpRouteDocument } from "./http-route.ts";
import type { ServiceRef } from "./resources.ts";
import type { View } from "./view.ts";

type ParentRef = HttpRouteDocument["spec"]["parentRefs"][number];

export function readParentRefs(view: View<HttpRouteDocument>, namespace: string): ServiceRef[] {
  const seen = new Set<string>();
  const refs: ServiceRef[] = [];
  for (const [index, ref] of view.items(view.value.spec.parentRefs)) {
    const pointer = `/spec/parentRefs/${index}`;
    if (view.damaged(`${pointer}/name`) || !isService(pointer, ref, view)) continue;
    const { name, port } = ref;
    const parent = ref.namespace ?? namespace;
    const key = `${parent}/${name}:${port ?? "*"}`;
    if (seen.has(key)) {
      const message = `the parentRef to service '${name}' stands twice`;
      view.report("HED2120", { pointer: `${pointer}/name`, message, hint: "remove one of them" });
    } else if (parent !== namespace) {
      view.report("HED2011", {
        pointer: `${pointer}/namespace`,
        message: `a route of namespace '${namespace}' for a service of namespace '${parent}' is not supported yet`,
        hint: `give route and service one namespace: write metadata.namespace: ${parent}`,
      });
    } else {
      const origin = view.origin(`${pointer}/name`);
      refs.push({ namespace: parent, name, ...(port !== undefined && { port }), origin });
    }
    seen.add(key);
  }
  return refs;
}

/** Reports a parent that is something else. Absent fields mean a Gateway, as upstream has it. */
function isService(pointer: string, ref: ParentRef, view: View<HttpRouteDocument>): boolean {
  const { group, kind = "Gateway" } = ref;
  if (kind === "Service" && group === "") return true;
  if (view.damaged(`${pointer}/kind`) || view.damaged(`${pointer}/group`)) return false;
  if (kind === "Service") {
    const message = `a parentRef of kind Service needs group: "", found ${group === undefined ? "none" : `"${group}"`}`;
    const part = group === undefined ? "key" : "value";
    view.report("HED2014", { pointer: `${pointer}/group`, part, message, hint: 'write group: ""' });
  } else if (laterKinds.includes(kind)) {
    view.report("HED2011", {
      pointer: `${pointer}/kind`,
      part: ref.kind === undefined ? "key" : "value",
      message: `a parentRef of kind ${kind}${ref.kind === undefined ? " (the default)" : ""} is not supported yet`,
      hint: 'attach the route to a service: write kind: Service and group: ""',
    });
  } else {
    const meant = nearest(kind, ["Service", ...laterKinds]);
    const message = `unknown kind '${kind}' of a parentRef${didYouMean(meant)}`;
    view.report("HED2014", {
      pointer: `${pointer}/kind`,
      message,
      hint: 'write kind: Service and group: ""',
    });
  }
  return false;
}

const laterKinds: readonly string[] = [
  "Gateway",
  "ListenerSet",
  "Mesh",
  "ServiceImport",
  "XListenerSet",
  "XMesh",
];
