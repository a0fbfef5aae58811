// Resources and endpoints to a snapshot: pure, deterministic, one pass per file.

export {
  type CompileInput,
  type Compiled,
  type EndpointsInput,
  compile,
  compileEndpoints,
} from "./compile.ts";
export { type Edge, edgeKey, edgesOf } from "./edges.ts";
export type { Workload } from "./workloads.ts";
