// What an agent says about itself: what it runs, since when, and whether the last change of its files was taken.

export interface AgentStatus {
  schemaVersion: 1;
  pid: number;
  version: string;
  mesh: string;
  startedAt: string;
  state: "starting" | "ready" | "draining" | "stopped";
  shards: number;
  configurationVersion: number;
  endpointsVersion: number;
  listeners: {
    name: string;
    address: string;
    source?: string;
    service: string;
    protocol: "http" | "tcp";
  }[];
  /** Addresses that answer `/metrics`, and `/live` and `/ready`. */
  metricsAddress: string;
  healthAddress: string;
  /** Of the last change that was refused; empty again after the next one that is taken. */
  diagnostics: StatusDiagnostic[];
}

/** A diagnostic as text for people and programs; the code is stable. */
export interface StatusDiagnostic {
  code: string;
  severity: "error" | "warn" | "info";
  message: string;
  hint: string;
  /** `file:line:column` where it is known. */
  at?: string;
}
