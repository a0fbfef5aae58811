// The machine and the source revision that a result belongs to.
import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { projectRoot } from "../project.ts";
import { runCommand } from "./command.ts";

export interface Host {
  cpu: string;
  cores: number;
  governor: string;
  kernel: string;
  node: string;
  virt: string;
}

export interface Revision {
  /** Commit id; "none" before the first commit or outside a repository. */
  sha: string;
  dirty: boolean;
}

export function describeHost(): Host {
  const all = cpus();
  const governor = readOr("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "unknown");
  const flags = readOr("/proc/cpuinfo", "");
  return {
    cpu: all[0]?.model ?? "unknown",
    cores: all.length,
    governor: governor.trim(),
    kernel: release(),
    node: process.version,
    virt: /\bhypervisor\b/.test(flags) ? "virtual machine" : "none seen",
  };
}

export async function describeRevision(): Promise<Revision> {
  const git = async (...args: string[]): Promise<string> =>
    (await runCommand({ file: "git", args: ["-C", projectRoot, ...args] })).stdout.trim();
  const sha = await git("rev-parse", "HEAD").catch(() => "none");
  // A new result file is no change of what was measured.
  const changes = await git("status", "--porcelain", "--", ":!bench/results").catch(
    () => "unknown",
  );
  return { sha, dirty: changes !== "" };
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}
