// One slice: one load interval on one side, with the kernel's accounts from before and after.
import { measureLoad } from "../load/generator.ts";
import type { LoadLatency } from "../load/generator.ts";
import type { LoadPrograms } from "../load/programs.ts";
import type { ErrorCounts } from "../peers/peer.ts";
import { sampleCores, sampleProcess } from "../process/proc.ts";
import type { CoreSample, ProcessSample } from "../process/proc.ts";
import type { Instance, Upstream } from "./instance.ts";
import { loadArguments } from "./workload.ts";
import type { Workload } from "./workload.ts";

export interface Slice {
  side: string;
  startedAt: string;
  seconds: number;
  requests: number;
  bytes: number;
  rps: number;
  errors: ErrorCounts;
  latency: LoadLatency;
  cpuNs: { proxy: number; user: number; system: number; load: number; upstream: number };
  memoryBytes: { rss: number; pss: number; privateDirty: number };
  voluntarySwitches: number;
  cores: CoreUse[];
  /** CPU of neither proxy, load nor upstream, in percent of one core. */
  foreignPercent: number;
}

/** Percent of a core's time within the slice. */
export interface CoreUse {
  busyPercent: number;
  softirqPercent: number;
  stealPercent: number;
}

export interface Bench {
  programs: LoadPrograms;
  upstream: Upstream;
  workload: Workload;
}

interface Sample {
  proxy: ProcessSample;
  upstream: ProcessSample;
  cores: CoreSample[];
}

export async function runSlice(bench: Bench, instance: Instance): Promise<Slice> {
  const { workload } = bench;
  const startedAt = new Date().toISOString();
  const errorsBefore = await instance.peer.errors(instance.assignment);
  const until = ["--duration", String(workload.sliceSeconds)];
  const warmup = ["--warmup", String(workload.warmupSeconds), "--handshake"];
  const { report, before, after } = await measureLoad(
    {
      program: bench.programs.load,
      args: [...loadArguments(workload, instance.assignment.port), ...until, ...warmup],
      core: workload.placement?.loadCore,
    },
    () => sampleAll(bench, instance),
  );
  const ownErrors = grown(errorsBefore, await instance.peer.errors(instance.assignment));
  instance.server.assertRunning();
  const cpuNs = {
    proxy: after.proxy.cpuNs - before.proxy.cpuNs,
    user: after.proxy.userNs - before.proxy.userNs,
    system: after.proxy.systemNs - before.proxy.systemNs,
    load: report.cpu_seconds * 1e9,
    upstream: after.upstream.cpuNs - before.upstream.cpuNs,
  };
  const { rssBytes: rss, pssBytes: pss, privateDirtyBytes: privateDirty } = after.proxy;
  const cores = after.cores.map((core, index) => coreUse(before.cores[index] ?? core, core));
  const busySeconds = busyTicks(after.cores) - busyTicks(before.cores);
  const knownSeconds = (cpuNs.proxy + cpuNs.load + cpuNs.upstream) / 1e9;
  const foreign = busySeconds / TICKS_PER_SECOND - knownSeconds;
  return {
    side: instance.label,
    startedAt,
    seconds: report.seconds,
    requests: report.requests,
    bytes: report.bytes,
    rps: report.rps,
    errors: { ...report.errors, ...ownErrors },
    latency: report.latency,
    cpuNs,
    memoryBytes: { rss, pss, privateDirty },
    voluntarySwitches: after.proxy.voluntarySwitches - before.proxy.voluntarySwitches,
    cores,
    foreignPercent: (100 * Math.max(0, foreign)) / report.seconds,
  };
}

function sampleAll(bench: Bench, instance: Instance): Sample {
  return {
    proxy: sampleProcess(instance.server.pid),
    upstream: sampleProcess(bench.upstream.server.pid),
    cores: sampleCores(),
  };
}

function grown(before: ErrorCounts, after: ErrorCounts): ErrorCounts {
  const growth = Object.entries(after).map(
    ([name, count]) => [`peer_${name}`, count - (before[name] ?? 0)] as const,
  );
  return Object.fromEntries(growth.filter(([, count]) => count > 0));
}

function coreUse(before: CoreSample, after: CoreSample): CoreUse {
  const busy = after.busyTicks - before.busyTicks;
  const all = Math.max(1, busy + after.idleTicks - before.idleTicks);
  return {
    busyPercent: (100 * busy) / all,
    softirqPercent: (100 * (after.softirqTicks - before.softirqTicks)) / all,
    stealPercent: (100 * (after.stealTicks - before.stealTicks)) / all,
  };
}

function busyTicks(cores: readonly CoreSample[]): number {
  return cores.reduce((sum, core) => sum + core.busyTicks, 0);
}

const TICKS_PER_SECOND = 100;
