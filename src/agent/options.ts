// What an agent is started with, what it reports while it runs, and the error that ends its start.
import type { StatusDiagnostic } from "../api/index.ts";
import type { Edge, Workload } from "../compile/index.ts";
import type { SourceFile } from "../resources/index.ts";

export interface AgentOptions {
  /** A file or folder that is followed, or files that have been read and do not change. */
  source: { target: string } | { files: SourceFile[] };
  shards: number;
  /** Bind although another process serves the same ports. */
  share: boolean;
  /** Memory that the process may hold. */
  memoryBytes: number;
  /** Where the last good configuration is kept for the next start; absent: nowhere. */
  state?: { folder: string; name: string };
  metricsPort: number;
  healthPort: number;
  /** Of this build. */
  version: string;
  report(event: AgentEvent): void;
}

export type AgentEvent =
  /** `change` is what was published; `workloads` and `edges` are those now in force. */
  | {
      kind: "published";
      change: "configuration" | "endpoints";
      version: number;
      workloads: Workload[];
      edges: Edge[];
    }
  | { kind: "refused"; diagnostics: StatusDiagnostic[] }
  | { kind: "warned"; diagnostics: StatusDiagnostic[] }
  /** A file of endpoints is wrong; what it said before stays in force. */
  | { kind: "kept"; diagnostics: StatusDiagnostic[] }
  /** What the process before had in force is in force again; the sources are read next. */
  | { kind: "restored"; version: number }
  | { kind: "storeRefused"; reason: string }
  /** Without a reason it works again. */
  | { kind: "storeFailing"; path: string; reason?: string }
  | { kind: "portTaken"; purpose: "metrics" | "health"; port: number; address: string };

/** Why an agent could not start; the exit code is what the process should end with. */
export class StartError extends Error {
  readonly exitCode: number;
  readonly diagnostics: StatusDiagnostic[];

  constructor(exitCode: number, diagnostics: StatusDiagnostic[]) {
    super(diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n"));
    this.exitCode = exitCode;
    this.diagnostics = diagnostics;
  }
}

/** Bad configuration: a service manager should not start the process again. */
export const exitBadConfiguration = 78;
/** The data plane refused the snapshot. */
export const exitRefused = 5;
