// What users write: files in, resources or diagnostics out.

export { type Code, type CodeRow, type Severity, codes } from "./codes.ts";
export {
  type Diagnostic,
  type Origin,
  type Position,
  diagnose,
  formatDiagnostics,
  sortDiagnostics,
} from "./diagnostic.ts";
export { type WithEndpointFiles, withEndpointFiles } from "./endpoint-files.ts";
export { parseResources, type Parsed } from "./parse.ts";
export type {
  BackendRef,
  Endpoint,
  HeaderModifier,
  HttpRoute,
  HttpRouteMatch,
  HttpRouteRule,
  Listener,
  Mesh,
  PathChange,
  Resources,
  Service,
  ServiceRef,
  ValueMatch,
} from "./resources.ts";
export { defaultTimeouts } from "./read-service.ts";
export { resolved, resolvedRoute } from "./resolved.ts";
export {
  type Condition,
  type ReadRoute,
  type RouteParentStatus,
  routeStatus,
} from "./route-status.ts";
export { type SourceFile, readSources } from "./sources.ts";
