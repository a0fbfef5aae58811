// The filters of a rule: header modifiers, a redirect or a rewrite, CORS, each at most once; and those of one backend.
import type { HttpRouteDocument } from "./http-route.ts";
import { readCors } from "./read-cors.ts";
import { readModifier } from "./read-modifier.ts";
import { readPathChange } from "./read-path-change.ts";
import type {
  BackendRef,
  HeaderModifier,
  HttpRouteMatch,
  HttpRouteRule,
  Redirect,
  Rewrite,
} from "./resources.ts";
import type { View } from "./view.ts";

type RuleDocument = NonNullable<HttpRouteDocument["spec"]["rules"]>[number];
type FilterDocument = NonNullable<RuleDocument["filters"]>[number];
type BackendFilterDocument = NonNullable<
  NonNullable<RuleDocument["backendRefs"]>[number]["filters"]
>[number];
type Filters = Pick<
  HttpRouteRule,
  "requestHeaders" | "responseHeaders" | "redirect" | "rewrite" | "cors" | "directResponse"
>;
type BackendFilters = Pick<BackendRef, "requestHeaders" | "responseHeaders">;

export interface FilterContext {
  view: View<HttpRouteDocument>;
  /** Of the rule. */
  matches: readonly HttpRouteMatch[];
}

export function readFilters(
  pointer: string,
  { filters, backendRefs = [] }: RuleDocument,
  context: FilterContext,
): Filters {
  const { view } = context;
  const read: Filters = { requestHeaders: none, responseHeaders: none };
  const seen = new Set<string>();
  for (const [index, filter] of view.items(filters)) {
    const at = `${pointer}/filters/${index}`;
    if (view.damaged(`${at}/type`)) continue;
    checkSettings(at, filter, { view, seen, owner: "a rule" });
    if (!seen.has(filter.type)) readFilter(at, filter, { context, read });
    seen.add(filter.type);
  }
  const { redirect, directResponse: direct, rewrite } = read;
  const report = (other: string, what: string, hint: string): void =>
    view.report("HED2132", {
      pointer: `${pointer}/${other}`,
      part: "key",
      message: `a rule that ${direct === undefined ? "redirects" : "answers itself"} forwards nothing, so it has no ${what}`,
      hint,
    });
  const forwards = redirect === undefined && direct === undefined;
  if (!forwards && backendRefs.length > 0)
    report("backendRefs", "backendRefs", "remove them, or give them a rule of their own");
  if (!forwards && rewrite !== undefined)
    report("filters", "URLRewrite filter", "remove one of the two");
  if (redirect !== undefined && direct !== undefined)
    report("filters", "RequestRedirect filter", "remove one of the two");
  return read;
}

/** The filters of the backendRef at `pointer`. */
export function readBackendFilters(
  pointer: string,
  filters: readonly BackendFilterDocument[] | undefined,
  view: View<HttpRouteDocument>,
): BackendFilters {
  const read: BackendFilters = { requestHeaders: none, responseHeaders: none };
  const seen = new Set<string>();
  for (const [index, filter] of view.items(filters)) {
    const at = `${pointer}/filters/${index}`;
    if (view.damaged(`${at}/type`)) continue;
    checkSettings(at, filter, { view, seen, owner: "a backendRef" });
    if (!seen.has(filter.type)) Object.assign(read, readModifiers(at, filter, view));
    seen.add(filter.type);
  }
  return read;
}

/** A type has its own setting and no other, and stands once. */
function checkSettings(
  at: string,
  filter: FilterDocument,
  {
    view,
    seen,
    owner,
  }: { view: View<HttpRouteDocument>; seen: ReadonlySet<string>; owner: string },
): void {
  const { type } = filter;
  const field = settings[type];
  if (seen.has(type)) {
    const message = `${owner} can have one ${type} filter`;
    view.report("HED2118", { pointer: `${at}/type`, message, hint: "merge it with the one above" });
  } else if (filter[field] === undefined) {
    const message = `a filter of type ${type} needs '${field}'`;
    view.report("HED2118", { pointer: `${at}/type`, message, hint: `add '${field}'${uses[type]}` });
  }
  for (const other of Object.values(settings)) {
    if (other === field || filter[other] === undefined) continue;
    const message = `'${other}' does not belong to a filter of type ${type}`;
    const hint = "remove it, or give it a filter of its own";
    view.report("HED2118", { pointer: `${at}/${other}`, part: "key", message, hint });
  }
}

function readFilter(
  at: string,
  filter: FilterDocument,
  { context, read }: { context: FilterContext; read: Filters },
): void {
  switch (filter.type) {
    case "RequestHeaderModifier":
    case "ResponseHeaderModifier":
      Object.assign(read, readModifiers(at, filter, context.view));
      break;
    case "RequestRedirect":
      if (filter.requestRedirect !== undefined)
        read.redirect = readRedirect(`${at}/requestRedirect`, filter.requestRedirect, context);
      break;
    case "URLRewrite":
      if (filter.urlRewrite !== undefined)
        read.rewrite = readRewrite(`${at}/urlRewrite`, filter.urlRewrite, context);
      break;
    case "ExtensionRef":
      if (filter.extensionRef !== undefined)
        read.directResponse = {
          name: filter.extensionRef.name,
          origin: context.view.origin(`${at}/extensionRef/name`),
        };
      break;
    case "CORS":
      if (filter.cors !== undefined) read.cors = readCors(`${at}/cors`, filter.cors, context.view);
      break;
  }
}

/** That of the filter's own type. */
function readModifiers(
  at: string,
  { type, requestHeaderModifier, responseHeaderModifier }: FilterDocument,
  view: View<HttpRouteDocument>,
): Partial<BackendFilters> {
  if (type === "RequestHeaderModifier" && requestHeaderModifier !== undefined)
    return {
      requestHeaders: readModifier(`${at}/requestHeaderModifier`, requestHeaderModifier, view),
    };
  if (type === "ResponseHeaderModifier" && responseHeaderModifier !== undefined)
    return {
      responseHeaders: readModifier(`${at}/responseHeaderModifier`, responseHeaderModifier, view),
    };
  return {};
}

function readRedirect(
  pointer: string,
  document: NonNullable<FilterDocument["requestRedirect"]>,
  context: FilterContext,
): Redirect {
  const { scheme, port, statusCode = 302 } = document;
  return {
    ...readRewrite(pointer, document, context),
    ...(scheme !== undefined && { scheme }),
    ...(port !== undefined && { port }),
    statusCode,
  };
}

function readRewrite(
  pointer: string,
  { hostname, path }: NonNullable<FilterDocument["urlRewrite"]>,
  context: FilterContext,
): Rewrite {
  const change = path && readPathChange(`${pointer}/path`, path, context);
  return {
    ...(hostname !== undefined && { hostname }),
    ...(change !== undefined && { path: change }),
  };
}

const none: HeaderModifier = { set: [], add: [], remove: [] };

const settings = {
  RequestHeaderModifier: "requestHeaderModifier",
  ResponseHeaderModifier: "responseHeaderModifier",
  RequestRedirect: "requestRedirect",
  URLRewrite: "urlRewrite",
  CORS: "cors",
  ExtensionRef: "extensionRef",
} as const;

const uses = {
  RequestHeaderModifier: " with set, add or remove",
  ResponseHeaderModifier: " with set, add or remove",
  RequestRedirect: " with scheme, hostname, port, path or statusCode",
  URLRewrite: " with hostname or path",
  CORS: " with allowOrigins",
  ExtensionRef: " with group, kind and name",
} as const;
