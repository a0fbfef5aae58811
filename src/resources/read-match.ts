// One match of a rule: path, method, headers and query parameters, in the one form that the compiler knows.
import { patternProblem } from "../lib/pattern.ts";
import type { Header } from "../snapshot/index.ts";
import type { HttpRouteDocument } from "./http-route.ts";
import type { HttpRouteMatch, ValueMatch } from "./resources.ts";
import type { View } from "./view.ts";

type RuleDocument = NonNullable<HttpRouteDocument["spec"]["rules"]>[number];
type MatchDocument = NonNullable<RuleDocument["matches"]>[number];

export function readMatch(
  pointer: string,
  document: MatchDocument,
  view: View<HttpRouteDocument>,
): HttpRouteMatch {
  const headers = readValues(`${pointer}/headers`, document.headers, view);
  return {
    path: readPath(`${pointer}/path`, document, view),
    ...(document.method !== undefined && { method: document.method }),
    headers: headers.map((header) => ({ ...header, name: header.name.toLowerCase() })),
    queryParams: readQueryParams(`${pointer}/queryParams`, document, view),
    origin: view.origin(pointer),
  };
}

function readPath(
  pointer: string,
  document: MatchDocument,
  view: View<HttpRouteDocument>,
): HttpRouteMatch["path"] {
  const { type = "PathPrefix", value = "/" } = document.path ?? {};
  if (type === "RegularExpression") {
    checkPattern(pointer, value, view);
    return { type, value };
  }
  const problem = pathProblem(type, value);
  if (problem !== undefined && !view.damaged(`${pointer}/type`)) {
    const message = `the path "${value}" ${problem.message}`;
    view.report("HED2117", { pointer: `${pointer}/value`, message, hint: problem.hint });
  }
  const prefix = type === "PathPrefix" && value.length > 1 && value.endsWith("/");
  return { type, value: prefix ? value.slice(0, -1) : value };
}

function readValues(
  pointer: string,
  document: MatchDocument["headers"],
  view: View<HttpRouteDocument>,
): ValueMatch[] {
  return firstOfEach(pointer, view.items(document), view).map(([index, condition]) =>
    readValue(`${pointer}/${index}`, condition, view),
  );
}

/** Names of parameters are told apart by case, other than those of headers. */
function readQueryParams(
  pointer: string,
  { queryParams }: MatchDocument,
  view: View<HttpRouteDocument>,
): ValueMatch[] {
  const first = new Map<string, ValueMatch>();
  for (const [index, condition] of view.items(queryParams)) {
    const { name } = condition;
    if (first.has(name)) {
      const message = `query parameter '${name}' is named twice here; this entry is ignored`;
      view.report("HED2203", {
        pointer: `${pointer}/${index}/name`,
        message,
        hint: "remove one of them",
      });
    } else {
      first.set(name, readValue(`${pointer}/${index}`, condition, view));
    }
  }
  return [...first.values()];
}

function readValue(
  pointer: string,
  { type = "Exact", name, value }: Header & { type?: ValueMatch["type"] },
  view: View<HttpRouteDocument>,
): ValueMatch {
  if (type === "RegularExpression") checkPattern(pointer, value, view);
  return { type, name, value };
}

function checkPattern(pointer: string, pattern: string, view: View<HttpRouteDocument>): void {
  const problem = patternProblem(pattern);
  if (problem === undefined || view.damaged(`${pointer}/type`)) return;
  const message = `the pattern "${pattern.slice(0, 60)}" ${problem.message} (character ${problem.at + 1})`;
  view.report("HED2131", { pointer: `${pointer}/value`, message, hint: problem.hint });
}

/** Of several entries with one name, in whatever case, the first counts (Gateway API). */
export function firstOfEach<T extends Header>(
  pointer: string,
  headers: readonly (readonly [index: number, header: T])[],
  view: View<HttpRouteDocument>,
): (readonly [index: number, header: T])[] {
  const first = new Map<string, readonly [index: number, header: T]>();
  for (const entry of headers) {
    const [index, { name }] = entry;
    const key = name.toLowerCase();
    if (first.has(key)) {
      view.report("HED2203", {
        pointer: `${pointer}/${index}/name`,
        message: `header '${name}' is named twice here; this entry is ignored`,
        hint: "remove one of them",
      });
    } else {
      first.set(key, entry);
    }
  }
  return [...first.values()];
}

/** The rules of the upstream type for Exact, PathPrefix and the paths that are put in place of others. */
export function pathProblem(
  type: string,
  value: string,
): { message: string; hint: string } | undefined {
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
