// The task of the helper thread: files to snapshot bytes. Everything that parses what people wrote stays in this thread,
// so that neither its memory nor an endless run of it can reach the traffic. It also decides what has changed.
import { createHash } from "node:crypto";
import type { AgentStatus } from "../api/index.ts";
import { compile, edgesOf, type Compiled, type Edge, type Workload } from "../compile/index.ts";
import {
  parseResources,
  readSources,
  sortDiagnostics,
  withEndpointFiles,
  type Diagnostic,
  type SourceFile,
} from "../resources/index.ts";
import { MeshError } from "../lib/mesh-error.ts";
import { encode, encodeEndpoints, type Snapshot } from "../snapshot/index.ts";

export interface CompileJob {
  /** A file or folder to read, or files that have been read. */
  source: { target: string } | { files: SourceFile[] };
  /** Loopback port of each outbound edge, by `source->target`. */
  ports: ReadonlyMap<string, number>;
  addresses: ReadonlyMap<string, readonly string[]>;
  /** Files of endpoints as they were when they were right. */
  endpointFiles: readonly SourceFile[];
  /** What is in force. */
  last: Versions | undefined;
}

export interface Versions {
  configuration: number;
  endpoints: number;
  configurationDigest: string;
  endpointsDigest: string;
}

export type CompileOutcome =
  /** `endpointPaths`: files of endpoints that are named, as far as the files could be read. */
  | { kind: "refused"; diagnostics: Diagnostic[]; endpointPaths?: string[] }
  /** Edges that have no port yet; the job has to be given again with them. */
  | { kind: "needsPorts"; edges: Edge[] }
  | CompileSuccess;

export interface CompileSuccess {
  kind: "compiled";
  change: "none" | "endpoints" | "configuration";
  /** A whole snapshot, or its endpoints part when only that has changed. */
  bytes: Uint8Array;
  versions: Versions;
  mesh: string;
  listeners: AgentStatus["listeners"];
  namespaces: [service: string, namespace: string][];
  names: string[];
  /** That the names are to be asked of; none for those of this machine. */
  dnsServers: string[];
  edges: Edge[];
  workloads: Workload[];
  /** Warnings. */
  diagnostics: Diagnostic[];
  /** Of files of endpoints that are wrong, and in place of which earlier ones were used. */
  kept: Diagnostic[];
  files: SourceFile[];
  /** Files of endpoints as they were used. */
  endpointFiles: SourceFile[];
}

export async function compileSources(job: CompileJob): Promise<CompileOutcome> {
  try {
    const files = "files" in job.source ? job.source.files : await readSources(job.source.target);
    return await compileFiles(files, job);
  } catch (error) {
    // The code of an error is lost on its way to another thread.
    if (error instanceof MeshError) return { kind: "refused", diagnostics: [unreadable(error)] };
    throw error;
  }
}

async function compileFiles(files: SourceFile[], job: CompileJob): Promise<CompileOutcome> {
  const parsed = parseResources(files);
  if (parsed.resources === undefined) return { kind: "refused", diagnostics: parsed.diagnostics };
  const lists = await withEndpointFiles(parsed.resources, job.endpointFiles);
  const { resources, kept, files: endpointFiles, paths: endpointPaths } = lists;
  const diagnostics = sortDiagnostics([...parsed.diagnostics, ...lists.diagnostics]);
  if (resources === undefined) return { kind: "refused", diagnostics, endpointPaths };
  const edges = edgesOf(resources);
  if (edges.some(({ source, target }) => !job.ports.has(`${source}->${target}`)))
    return { kind: "needsPorts", edges };
  const version = job.last?.configuration ?? 0;
  const endpointsVersion = job.last?.endpoints ?? 0;
  const result = compile({
    resources,
    ports: job.ports,
    addresses: job.addresses,
    version,
    endpointsVersion,
  });
  const all = [...diagnostics, ...result.diagnostics];
  if (result.compiled === undefined) return { kind: "refused", diagnostics: all, endpointPaths };
  return {
    ...describe(result.compiled),
    ...versioned(result.compiled.snapshot, job.last),
    diagnostics: all,
    kept,
    files,
    endpointFiles,
  };
}

function unreadable({ code, message, hint }: MeshError): Diagnostic {
  return { code, severity: "error", resource: "configuration", path: "", message, hint };
}

/** Digests are taken with versions of 0, so that equal content stays equal whatever was published before. */
function versioned(
  snapshot: Snapshot,
  last: Versions | undefined,
): Pick<CompileSuccess, "change" | "bytes" | "versions"> {
  const endpointsDigest = digest(encodeEndpoints({ ...snapshot.endpoints, version: 0 }));
  const configurationDigest = digest(
    encode({ ...snapshot, version: 0, endpoints: { version: 0, services: [] } }),
  );
  const configurationChanged = configurationDigest !== last?.configurationDigest;
  const endpointsChanged = endpointsDigest !== last?.endpointsDigest;
  const configuration = (last?.configuration ?? 0) + (configurationChanged ? 1 : 0);
  const endpoints = (last?.endpoints ?? 0) + (endpointsChanged ? 1 : 0);
  const next = {
    ...snapshot,
    version: configuration,
    endpoints: { ...snapshot.endpoints, version: endpoints },
  };
  return {
    change: configurationChanged ? "configuration" : endpointsChanged ? "endpoints" : "none",
    bytes:
      !configurationChanged && endpointsChanged ? encodeEndpoints(next.endpoints) : encode(next),
    versions: { configuration, endpoints, configurationDigest, endpointsDigest },
  };
}

type Description = Pick<
  CompileSuccess,
  "kind" | "mesh" | "listeners" | "namespaces" | "names" | "dnsServers" | "edges" | "workloads"
>;

function describe({ snapshot, names, dnsServers, edges, workloads }: Compiled): Description {
  return {
    kind: "compiled",
    mesh: snapshot.mesh,
    listeners: snapshot.listeners.map(({ name, address, source, service, protocol }) => ({
      name,
      address,
      protocol,
      ...(source === undefined ? {} : { source }),
      service: snapshot.services[service]?.name ?? "",
    })),
    namespaces: snapshot.services.map(({ name, namespace }) => [name, namespace]),
    names,
    dnsServers,
    edges,
    workloads,
  };
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
