// One match of a rule: path, method and headers, in the one form that the compiler knows.
import type { Header } from "../snapshot/index.ts";
import type { HttpRouteDocument } from "./http-route.ts";
import type { HttpRouteMatch } from "./resources.ts";
import type { View } from "./view.ts";

type RuleDocument = NonNullable<HttpRouteDocument["spec"]["rules"]>[number];
type MatchDocument = NonNullable<RuleDocument["matches"]>[number];

export function readMatch(
  pointer: string,
  document: MatchDocument,
  view: View<HttpRouteDocument>,
): HttpRouteMatch {
  const { type = "PathPrefix", value = "/" } = document.path ?? {};
  const problem = pathProblem(type, value);
  if (problem !== undefined && !view.damaged(`${pointer}/path/type`)) {
    const message = `the path "${value}" ${problem.message}`;
    view.report("HED2117", { pointer: `${pointer}/path/value`, message, hint: problem.hint });
  }
  const headers = firstOfEach(`${pointer}/headers`, view.items(document.headers), view);
  const prefix = type === "PathPrefix" && value.length > 1 && value.endsWith("/");
  return {
    path: { type, value: prefix ? value.slice(0, -1) : value },
    ...(document.method !== undefined && { method: document.method }),
    headers: headers.map(({ name, value }) => ({ name: name.toLowerCase(), value })),
    origin: view.origin(pointer),
  };
}

/** Of several entries with one name, in whatever case, the first counts (Gateway API). */
export function firstOfEach(
  pointer: string,
  headers: readonly (readonly [index: number, header: Header])[],
  view: View<HttpRouteDocument>,
): Header[] {
  const first = new Map<string, Header>();
  for (const [index, { name, value }] of headers) {
    const key = name.toLowerCase();
    if (first.has(key)) {
      view.report("HED2203", {
        pointer: `${pointer}/${index}/name`,
        message: `header '${name}' is named twice here; this entry is ignored`,
        hint: "remove one of them",
      });
    } else {
      first.set(key, { name, value });
    }
  }
  return [...first.values()];
}

/** The rules of the upstream type for Exact and PathPrefix. */
function pathProblem(type: string, value: string): { message: string; hint: string } | undefined {
  if (!value.startsWith("/")) {
    return { message: "does not begin with /", hint: `write "/${value}"` };
  }
  const forbidden = ["//", "/./", "/../", "%2f", "%2F"].find((part) => value.includes(part));
  const ending = ["/..", "/."].find((part) => value.endsWith(part));
  if (forbidden !== undefined || ending !== undefined) {
    const message = forbidden === undefined ? `ends with "${ending}"` : `holds "${forbidden}"`;
    return { message, hint: "write the path in its shortest form" };
  }
  if (!pathCharacters.test(value)) {
    return {
      message: "holds a character that a path cannot have",
      hint: `write it percent-encoded; a match sees the path without query: ${encodeURI(value.replace(/[?#].*$/, ""))}`,
    };
  }
  if (
    type === "PathPrefix" &&
    value.replace(/\/$/, "").split("/").length - 1 > prefixElementCountMax
  ) {
    return {
      message: `has more than ${prefixElementCountMax} elements`,
      hint: "write a shorter prefix",
    };
  }
  return undefined;
}

/** As upstream's validation has it. */
const pathCharacters = /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/;
/** Route look-up in the data plane examines at most this many element boundaries of a request path. */
const prefixElementCountMax = 64;
