// What is measured: the traffic, how it is placed and how long a slice takes.
import type { Protocol } from "../peers/peer.ts";

export interface Workload {
  protocol: Protocol;
  connections: number;
  bodyBytes: number;
  /** A file of request paths, one per line; "/" for all requests when absent. */
  pathsFile?: string;
  sliceSeconds: number;
  /** Before the measured part of each slice, on the slice's own connections. */
  warmupSeconds: number;
  threads: number;
  /** Cores of the proxy, and of load and upstream; all may roam when absent. */
  placement?: { proxyCore: number; loadCore: number };
}

/** Options of the load generator for a workload, without what says when to end. */
export function loadArguments(workload: Workload, port: number): string[] {
  const address = ["--address", `127.0.0.1:${port}`];
  const connections = ["--connections", String(workload.connections)];
  if (workload.protocol === "tcp") {
    const body = ["--body-bytes", String(workload.bodyBytes)];
    return ["--mode", "tcp-download", ...address, ...connections, ...body];
  }
  const paths = workload.pathsFile === undefined ? [] : ["--paths-file", workload.pathsFile];
  return ["--mode", "http", ...address, ...connections, ...paths, ...USUAL_HEADERS];
}

/** With the host, five fields of about 200 bytes, as small service calls have them. */
const USUAL_HEADERS = [
  ["--host", "api.bench.internal:8080"],
  ["--header", "user-agent: heddle-load/1"],
  ["--header", "accept: application/json"],
  ["--header", "x-request-id: 6f2a1f0e-8f3b-4b4e-9d0b-0f8a5a3f6c11"],
  ["--header", "accept-encoding: gzip, deflate"],
].flat();
