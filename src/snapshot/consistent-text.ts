// What single strings of a snapshot have to look like: addresses, tokens, field values, paths (RFC 9110 section 5,
// RFC 3986 section 3.3). The same rules stand in native/snapshot/src/consistent/text.rs.
import { parseAddress } from "../lib/address.ts";
import { patternProblem } from "../lib/pattern.ts";
import type { Cors } from "./generated/Cors.ts";
import type { DirectResponse } from "./generated/DirectResponse.ts";
import type { HeaderEdit } from "./generated/HeaderEdit.ts";
import type { HealthCheck } from "./generated/HealthCheck.ts";
import type { Match } from "./generated/Match.ts";
import type { PathMatch } from "./generated/PathMatch.ts";
import type { Rewrite } from "./generated/Rewrite.ts";
import type { StatusRange } from "./generated/StatusRange.ts";

export function addressProblems(address: string): string[] {
  const parsed = parseAddress(address);
  return parsed instanceof Error || parsed.kind === "name"
    ? [`address '${address}' is not ip:port, [ip6]:port or unix:/path`]
    : [];
}

export function* matchProblems({ path, method, headers, queryParams }: Match): Generator<string> {
  yield* pathProblems(path);
  if (method !== undefined) yield* tokenProblems(method);
  for (const { kind, name, value } of headers) {
    yield* tokenProblems(name);
    yield* lowerCaseProblems(name);
    if (kind === "exact") yield* valueProblems(name, value);
    else yield* patternProblems(value);
  }
  for (const { kind, name, value } of queryParams ?? []) {
    if (name === "") yield "a query parameter has no name";
    if (kind === "regex") yield* patternProblems(value);
  }
}

function* pathProblems({ kind, value }: PathMatch): Generator<string> {
  if (kind === "regex") return yield* patternProblems(value);
  yield* pathTextProblems(value);
  if (kind === "prefix" && value !== "/" && value.endsWith("/"))
    yield `prefix '${value}' ends with /`;
  if (kind === "prefix" && value.split("/").length - 1 > prefixElementCountMax) {
    yield `prefix '${value}' has more than ${prefixElementCountMax} elements`;
  }
}

function* pathTextProblems(value: string): Generator<string> {
  if (!value.startsWith("/")) yield `path '${value}' does not begin with /`;
  if (impossibleInPath.test(value))
    yield `path '${value}' holds a character that no request path can have`;
}

function* patternProblems(pattern: string): Generator<string> {
  const problem = patternProblem(pattern);
  if (problem !== undefined) yield `the pattern '${pattern}' ${problem.message}`;
}

/** Of the host and the path that are put in place of others. */
export function* placeProblems({ hostname, path }: Rewrite): Generator<string> {
  if (hostname !== undefined && !/^[A-Za-z0-9.-]+$/.test(hostname))
    yield `'${hostname}' is no host name`;
  if (path === undefined || (path.kind === "prefix" && path.value === "")) return;
  yield* pathTextProblems(path.value);
  if (path.kind === "prefix" && path.value.endsWith("/")) yield `path '${path.value}' ends with /`;
}

export function* healthCheckProblems(check: HealthCheck): Generator<string> {
  const { http, intervalMs, timeoutMs, rise, fall } = check;
  if ([intervalMs, timeoutMs, rise, fall].includes(0)) yield "a number of its health check is 0";
  if (Math.max(intervalMs, timeoutMs, rise, fall) > u32Max)
    yield `a number of its health check is beyond ${u32Max}`;
  if (http === undefined) return;
  const { host, path, statuses } = http;
  if (!/^[\x21-\x7e]+$/.test(host)) yield `'${host}' is no host of a health check`;
  if (!/^\/[\x21-\x7e]*$/.test(path)) yield `'${path}' is no path of a health check`;
  const outside = ({ first, last }: StatusRange): boolean =>
    first < 200 || last > 599 || last < first;
  if (statuses.length === 0 || statuses.some(outside))
    yield "the statuses of its health check are no ranges";
}

export function* editProblems(edit: HeaderEdit): Generator<string> {
  const pairs = [...edit.set, ...edit.add];
  for (const name of [...pairs.map((pair) => pair.name), ...edit.remove]) {
    yield* tokenProblems(name);
    if (framing.has(name.toLowerCase()))
      yield `header '${name}' belongs to the connection and cannot be edited`;
  }
  for (const name of edit.remove) yield* lowerCaseProblems(name);
  for (const { name, value } of pairs) yield* valueProblems(name, value);
}

export function* directProblems(direct: DirectResponse): Generator<string> {
  const { status, contentType, body } = direct;
  if (status < 200 || status > 599) yield `${status} is no status of a whole response`;
  if ([204, 205, 304].includes(status) && body !== "")
    yield `a response of status ${status} has no body`;
  if (new TextEncoder().encode(body).length > directBodyBytesMax)
    yield `a body has more than ${directBodyBytesMax} bytes`;
  if (contentType !== undefined) yield* valueProblems("content-type", contentType);
}

export function* corsProblems(cors: Cors): Generator<string> {
  const { allowOrigins, allowMethods = [], allowHeaders = [], exposeHeaders = [] } = cors;
  for (const name of [...allowMethods, ...allowHeaders, ...exposeHeaders])
    yield* tokenProblems(name);
  for (const origin of allowOrigins) {
    if (!/^(?:\*|https?:\/\/(?=.)\*?[-a-z0-9.:]*)$/.test(origin))
      yield `${JSON.stringify(origin)} is no origin`;
  }
}

function tokenProblems(name: string): string[] {
  return /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/.test(name) ? [] : [`'${name}' is not a token`];
}

function lowerCaseProblems(name: string): string[] {
  return /[A-Z]/.test(name) ? [`header name '${name}' is not lower case`] : [];
}

function* valueProblems(name: string, value: string): Generator<string> {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value))
    yield `the value of header '${name}' holds a control character`;
  if (/^[ \t]|[ \t]$/.test(value))
    yield `the value of header '${name}' begins or ends with white space`;
}

const u32Max = 2 ** 32 - 1;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const impossibleInPath = /[\x00-\x20\x7f?#]/;
/** Route look-up examines at most this many element boundaries of a request path. */
const prefixElementCountMax = 64;
/** Headers that frame a message or belong to one connection; the data plane writes them itself. */
const framing: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** As the data plane has it. */
const directBodyBytesMax = 4096;
