// Reads the kernel's account of a process tree and of the cores, as documented in proc(5).
import { readFileSync, readdirSync } from "node:fs";

/** A process with its children, counters since their start. */
export interface ProcessSample {
  cpuNs: number;
  userNs: number;
  systemNs: number;
  voluntarySwitches: number;
  rssBytes: number;
  pssBytes: number;
  privateDirtyBytes: number;
}

/** One core, clock ticks since boot. */
export interface CoreSample {
  busyTicks: number;
  idleTicks: number;
  softirqTicks: number;
  stealTicks: number;
}

/** Sums over all threads of a process and of its descendants. */
export function sampleProcess(pid: number): ProcessSample {
  const total: ProcessSample = {
    cpuNs: 0,
    userNs: 0,
    systemNs: 0,
    voluntarySwitches: 0,
    rssBytes: 0,
    pssBytes: 0,
    privateDirtyBytes: 0,
  };
  for (const each of processTree(pid)) addProcess(total, each);
  return total;
}

export function sampleCores(): CoreSample[] {
  return parseCores(readFileSync("/proc/stat", "utf8"));
}

/** Run time in nanoseconds: the first field of a thread's schedstat. */
export function parseSchedstat(text: string): number {
  return Number(text.split(" ", 1)[0]);
}

/** User and system ticks of /proc/PID/stat, whose second field may hold blanks and parentheses. */
export function parseStat(text: string): { userTicks: number; systemTicks: number } {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { userTicks: Number(fields[11]), systemTicks: Number(fields[12]) };
}

/** The number behind `name:` in files of lines `name: number unit`. */
export function parseField(text: string, name: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`${name}:`));
  return Number(line?.match(/\d+/)?.[0] ?? 0);
}

export function parseCores(text: string): CoreSample[] {
  const lines = text.split("\n").filter((line) => /^cpu\d/.test(line));
  return lines.map((line) => {
    const ticks = line.split(/\s+/).slice(1).map(Number);
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
      ticks;
    return {
      busyTicks: user + nice + system + irq + softirq + steal,
      idleTicks: idle + iowait,
      softirqTicks: softirq,
      stealTicks: steal,
    };
  });
}

function processTree(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  });
  return [pid, ...children.flatMap(processTree)];
}

function threadsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`);
}

function addProcess(total: ProcessSample, pid: number): void {
  for (const thread of threadsOf(pid)) {
    const folder = `/proc/${pid}/task/${thread}`;
    total.cpuNs += parseSchedstat(readFileSync(`${folder}/schedstat`, "utf8"));
    const status = readFileSync(`${folder}/status`, "utf8");
    total.voluntarySwitches += parseField(status, "voluntary_ctxt_switches");
  }
  const { userTicks, systemTicks } = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  total.userNs += userTicks * NS_PER_TICK;
  total.systemNs += systemTicks * NS_PER_TICK;
  const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  total.rssBytes += parseField(memory, "Rss") * 1024;
  total.pssBytes += parseField(memory, "Pss") * 1024;
  total.privateDirtyBytes += parseField(memory, "Private_Dirty") * 1024;
}

/** USER_HZ is 100 on every architecture that Node runs on. */
const NS_PER_TICK = 10_000_000;
