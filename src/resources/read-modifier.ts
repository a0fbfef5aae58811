// A header modifier of a filter. Headers that frame a message or belong to one connection are refused: changing them
// could desynchronise the peers (RFC 9110 section 7.6.1, RFC 9112 section 11.2).
import type { Header } from "../snapshot/index.ts";
import type { HttpRouteDocument } from "./http-route.ts";
import { firstOfEach } from "./read-match.ts";
import type { HeaderModifier } from "./resources.ts";
import type { View } from "./view.ts";

type RuleDocument = NonNullable<HttpRouteDocument["spec"]["rules"]>[number];
type FilterDocument = NonNullable<RuleDocument["filters"]>[number];
type ModifierDocument = NonNullable<FilterDocument["requestHeaderModifier"]>;

export function readModifier(
  pointer: string,
  document: ModifierDocument,
  view: View<HttpRouteDocument>,
): HeaderModifier {
  const remove = new Set<string>();
  for (const [index, name] of view.items(document.remove)) {
    if (allowed(`${pointer}/remove/${index}`, name, view)) remove.add(name.toLowerCase());
  }
  return {
    set: readHeaders(`${pointer}/set`, document.set, view),
    add: readHeaders(`${pointer}/add`, document.add, view),
    remove: [...remove],
  };
}

function readHeaders(
  pointer: string,
  headers: readonly Header[] | undefined,
  view: View<HttpRouteDocument>,
): Header[] {
  const items = view.items(headers);
  const usable = items.filter(([index, { name }]) =>
    allowed(`${pointer}/${index}/name`, name, view),
  );
  return firstOfEach(pointer, usable, view).map(([, { name, value }]) => ({ name, value }));
}

function allowed(pointer: string, name: string, view: View<HttpRouteDocument>): boolean {
  const key = name.toLowerCase();
  const reason = key.startsWith("proxy-") ? "is addressed to the proxy itself" : refused[key];
  if (reason === undefined) return true;
  view.report("HED2116", {
    pointer,
    message: `header '${name}' cannot be changed: it ${reason}`,
    hint: "remove it from the filter",
  });
  return false;
}

const refused: Readonly<Record<string, string>> = {
  connection: "belongs to a single connection",
  "content-length": "tells where the message ends",
  host: "names the host that the request is for",
  "keep-alive": "belongs to a single connection",
  te: "belongs to a single connection",
  trailer: "announces what follows the body",
  "transfer-encoding": "tells where the message ends",
  upgrade: "belongs to a single connection",
};
