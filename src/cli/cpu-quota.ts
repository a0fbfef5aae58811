// How many CPUs this process may use: the quota of its control group rounded up, else what the scheduler offers.
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

export function usableCpus(read: (path: string) => string | undefined = readIfThere): number {
  const available = availableParallelism();
  const quota = quotaOfVersion2(read) ?? quotaOfVersion1(read);
  return quota === undefined ? available : Math.min(available, Math.max(1, Math.ceil(quota)));
}

/** `max 100000` or `150000 100000`: time per period, in microseconds. */
function quotaOfVersion2(read: (path: string) => string | undefined): number | undefined {
  const [quota, period] = (read("/sys/fs/cgroup/cpu.max") ?? "max").trim().split(" ").map(Number);
  return positiveRatio(quota, period);
}

/** A quota of -1 means none. */
function quotaOfVersion1(read: (path: string) => string | undefined): number | undefined {
  const folder = "/sys/fs/cgroup/cpu";
  return positiveRatio(
    Number(read(`${folder}/cpu.cfs_quota_us`)),
    Number(read(`${folder}/cpu.cfs_period_us`)),
  );
}

function positiveRatio(quota: number | undefined, period: number | undefined): number | undefined {
  const ratio = (quota ?? Number.NaN) / (period ?? Number.NaN);
  return ratio > 0 && Number.isFinite(ratio) ? ratio : undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
