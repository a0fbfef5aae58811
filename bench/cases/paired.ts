// The paired cases: HTTP/1.1 with many and with one connection, bytes over TCP, many routes, all features.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Side } from "../measure/instance.ts";
import { cpuPerKilobyte, cpuPerRequest } from "../measure/metrics.ts";
import type { Workload } from "../measure/workload.ts";
import { routePaths } from "../peers/heddle/mesh.ts";
import type { Peer } from "../peers/peer.ts";
import type { CaseInput, CaseOutcome } from "./case.ts";
import { comparePairs } from "./compare.ts";

/** 64 keep-alive connections, bodies of 100 bytes. */
export function h1(input: CaseInput): Promise<CaseOutcome> {
  const workload = workloadOf(input, { connections: 64, bodyBytes: 100 });
  return comparePairs(input, { workload, metric: cpuPerRequest, ...sidesOf(input) });
}

/** One connection: the cost of waking up dominates. */
export function h1x1(input: CaseInput): Promise<CaseOutcome> {
  const workload = workloadOf(input, { connections: 1, bodyBytes: 100 });
  return comparePairs(input, { workload, metric: cpuPerRequest, ...sidesOf(input) });
}

/** Bodies of 1 MB through a TCP listener. */
export function tcp(input: CaseInput): Promise<CaseOutcome> {
  const size = { protocol: "tcp", connections: 16, bodyBytes: 1_000_000 } as const;
  const workload = workloadOf(input, size);
  return comparePairs(input, { workload, metric: cpuPerKilobyte, ...sidesOf(input) });
}

/** The same requests, over all paths, through many routes and through few. */
export async function routes(input: CaseInput): Promise<CaseOutcome> {
  const { options, subject } = input;
  const folder = await mkdtemp(join(tmpdir(), "heddle-bench-paths-"));
  try {
    const pathsFile = join(folder, "paths");
    await writeFile(pathsFile, routePaths(options.routes).join("\n"));
    const workload = { ...workloadOf(input, { connections: 64, bodyBytes: 100 }), pathsFile };
    const many = { label: `${subject.name}, many routes`, peer: subject, routes: options.routes };
    const few = { label: `${subject.name}, few routes`, peer: subject, routes: options.baseRoutes };
    return await comparePairs(input, {
      workload,
      metric: cpuPerRequest,
      subject: many,
      others: [few],
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The traffic of h1, with everything on that a request can have, and with nothing on. */
export function features(input: CaseInput): Promise<CaseOutcome> {
  const { subject: peer } = input;
  const workload = workloadOf(input, { connections: 64, bodyBytes: 100 });
  return comparePairs(input, {
    workload,
    metric: cpuPerRequest,
    subject: { label: `${peer.name}, all features`, peer, routes: 0, isFull: true },
    others: [{ label: `${peer.name}, bare`, peer, routes: 0 }],
  });
}

function sidesOf({ subject, peers }: CaseInput): { subject: Side; others: Side[] } {
  const side = (peer: Peer): Side => ({ label: peer.name, peer, routes: 0 });
  return { subject: side(subject), others: peers.map(side) };
}

function workloadOf(
  { options }: CaseInput,
  size: { protocol?: "tcp"; connections: number; bodyBytes: number },
): Workload {
  return {
    protocol: size.protocol ?? "http",
    connections: size.connections,
    bodyBytes: size.bodyBytes,
    sliceSeconds: options.sliceSeconds,
    warmupSeconds: WARMUP_SECONDS,
    threads: 1,
    placement: { proxyCore: 1, loadCore: 0 },
  };
}

/** Before each slice; fresh processes get one unmeasured slice of this length on top. */
const WARMUP_SECONDS = 0.5;
