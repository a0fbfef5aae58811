// Which of two routes wins when they match equally well (Gateway API): the older one, then the first by
// namespace and name. A route without a time of creation is younger than every one that has it.
import type { HttpRoute } from "./resources.ts";

export function inTieBreakOrder(routes: readonly HttpRoute[]): HttpRoute[] {
  const keyed = routes.map((route) => ({
    route,
    createdMs:
      route.creationTimestamp === undefined ? Infinity : Date.parse(route.creationTimestamp),
    name: `${route.namespace}/${route.name}`,
  }));
  keyed.sort(
    (left, right) =>
      (left.createdMs === right.createdMs ? 0 : left.createdMs - right.createdMs) ||
      (left.name < right.name ? -1 : left.name > right.name ? 1 : 0),
  );
  return keyed.map(({ route }) => route);
}
