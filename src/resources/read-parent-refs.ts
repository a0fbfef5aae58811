// The parentRefs of a route: in a mesh the parent is a Service (GEP-1324). A Gateway is none of a mesh: a route for one
// is left alone and does not apply. Other kinds and consumer routes are refused.
import { nearest } from "../lib/nearest.ts";
import { didYouMean } from "./found.ts";
import type { HttpRouteDocument } from "./http-route.ts";
import type { HttpRoute, ServiceRef } from "./resources.ts";
import type { View } from "./view.ts";

type ParentDocument = NonNullable<HttpRouteDocument["spec"]["parentRefs"]>[number];
type Parents = Pick<HttpRoute, "parentRefs" | "parents">;

export function readParentRefs(view: View<HttpRouteDocument>, namespace: string): Parents {
  const items = view.items(view.value.spec.parentRefs);
  if (items.length === 0) {
    view.report("HED2205", {
      pointer: "/spec",
      part: "key",
      message: `route '${view.value.metadata.name}' has no parentRefs: it does not apply`,
      hint: `attach it to a service: ${toService}`,
    });
  }
  const parents = items.map(([index, ref]) => ({
    group: ref.group ?? gatewayGroup,
    kind: ref.kind ?? "Gateway",
    namespace: ref.namespace ?? namespace,
    name: ref.name,
    ...(ref.sectionName !== undefined && { sectionName: ref.sectionName }),
    ...(ref.port !== undefined && { port: ref.port }),
    index,
  }));
  return { parents, parentRefs: readServices(view, namespace) };
}

function readServices(view: View<HttpRouteDocument>, namespace: string): ServiceRef[] {
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
    } else if (ref.sectionName !== undefined) {
      view.report("HED2011", {
        pointer: `${pointer}/sectionName`,
        part: "key",
        message: "'sectionName' of a parentRef to a service is not supported yet",
        hint: "write the number of the port as port:, or remove it",
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
function isService(pointer: string, ref: ParentDocument, view: View<HttpRouteDocument>): boolean {
  const { group, kind = "Gateway" } = ref;
  if (kind === "Service" && group === "") return true;
  if (view.damaged(`${pointer}/kind`) || view.damaged(`${pointer}/group`)) return false;
  if (kind === "Service") {
    const message = `a parentRef of kind Service needs group: "", found ${group === undefined ? "none" : `"${group}"`}`;
    const part = group === undefined ? "key" : "value";
    view.report("HED2014", { pointer: `${pointer}/group`, part, message, hint: 'write group: ""' });
  } else if (gatewayKinds.includes(kind)) {
    view.report("HED2205", {
      pointer: `${pointer}/kind`,
      part: ref.kind === undefined ? "key" : "value",
      message: `${kind} '${ref.name}'${ref.kind === undefined ? " (the default kind)" : ""} is no part of a mesh: the route does not apply there`,
      hint: `leave it for use with a ${kind} elsewhere, or write ${toService}`,
    });
  } else if (laterKinds.includes(kind)) {
    view.report("HED2011", {
      pointer: `${pointer}/kind`,
      message: `a parentRef of kind ${kind} is not supported yet`,
      hint: `attach the route to a service: write ${toService}`,
    });
  } else {
    const meant = nearest(kind, ["Service", ...gatewayKinds, ...laterKinds]);
    const message = `unknown kind '${kind}' of a parentRef${didYouMean(meant)}`;
    view.report("HED2014", {
      pointer: `${pointer}/kind`,
      message,
      hint: `write ${toService}`,
    });
  }
  return false;
}

const toService = 'kind: Service and group: ""';
const gatewayGroup = "gateway.networking.k8s.io";
const gatewayKinds: readonly string[] = ["Gateway", "ListenerSet", "XListenerSet"];
const laterKinds: readonly string[] = ["Mesh", "ServiceImport", "XMesh"];
