// What the Gateway API calls the status of a route: for each parent whether the route is accepted there, and whether what
// it refers to exists. Both follow from the diagnostics of the route, so that status and `heddle lint` never disagree.
import type { Diagnostic } from "./diagnostic.ts";
import type { HttpRoute, ParentRef } from "./resources.ts";

/** A route as it was read, with everything that was found wrong with it. */
export interface ReadRoute {
  route: HttpRoute;
  diagnostics: Diagnostic[];
}

export interface RouteParentStatus {
  parentRef: Omit<ParentRef, "index">;
  controllerName: string;
  conditions: Condition[];
}

export interface Condition {
  type: "Accepted" | "ResolvedRefs";
  status: "True" | "False";
  reason: string;
  message: string;
}

/** One for each parent, in the order of the file. */
export function routeStatus({ route, diagnostics }: ReadRoute): RouteParentStatus[] {
  const against = diagnostics.filter(
    ({ severity, code }) => severity === "error" || code === "HED2205",
  );
  const references = against.filter((one) => referenceReason(one) !== undefined);
  const others = against.filter((one) => referenceReason(one) === undefined);
  return route.parents.map(({ index, ...parentRef }) => {
    const accepted = others.filter(({ path }) => [undefined, index].includes(parentOf(path)));
    const conditions = [condition("Accepted", accepted, acceptanceReason)];
    // What a route refers to for the sake of a Gateway is not looked for here.
    if (parentRef.kind === "Service")
      conditions.push(condition("ResolvedRefs", references, referenceReason));
    return { parentRef, controllerName, conditions };
  });
}

function condition(
  type: Condition["type"],
  against: readonly Diagnostic[],
  reasonOf: (diagnostic: Diagnostic) => string | undefined,
): Condition {
  const [first, ...more] = against;
  if (first === undefined) return { type, status: "True", reason: type, message: "" };
  const rest = more.length === 0 ? "" : ` (and ${more.length} more)`;
  const reason = reasonOf(first) ?? "Invalid";
  return { type, status: "False", reason, message: `${first.message}${rest}` };
}

/** Index of the parent that a mistake is about; undefined for one that is about the whole route. */
function parentOf(path: string): number | undefined {
  const [, index] = /^\/spec\/parentRefs\/(\d+)/.exec(path) ?? [];
  return index === undefined ? undefined : Number(index);
}

/** Upstream's reason, where it has one for the mistake. */
function acceptanceReason({ code, path }: Diagnostic): string | undefined {
  if (parentOf(path) !== undefined)
    return code === "HED2011" ? "UnsupportedValue" : "NoMatchingParent";
  return acceptanceReasons[code];
}

/** Undefined for a mistake that is not about a reference to a backend. */
function referenceReason({ code, path }: Diagnostic): string | undefined {
  if (!/^\/spec\/rules\/\d+\/backendRefs\/\d+\/(?:group|kind|name|namespace|port)$/.test(path))
    return undefined;
  return /\/(?:group|kind)$/.test(path) ? "InvalidKind" : referenceReasons[code];
}

const controllerName = "heddle.dev/controller";

const acceptanceReasons: Readonly<Record<string, string>> = {
  HED2008: "Conflicted",
  HED2010: "UnsupportedValue",
  HED2011: "UnsupportedValue",
  HED2014: "UnsupportedValue",
  HED2118: "IncompatibleFilters",
  HED2132: "IncompatibleFilters",
  HED2135: "UnsupportedValue",
};

const referenceReasons: Readonly<Record<string, string>> = {
  HED2104: "BackendNotFound",
  HED2105: "BackendNotFound",
  HED2114: "UnsupportedProtocol",
};
