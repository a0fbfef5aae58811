import { availableParallelism } from "node:os";
import { test } from "tap";
import { usableCpus } from "./cpu-quota.ts";

function reading(files: Readonly<Record<string, string>>): (path: string) => string | undefined {
  return (path) => files[path];
}

test("a quota is rounded up to whole CPUs", (t) => {
  const half = reading({ "/sys/fs/cgroup/cpu.max": "50000 100000\n" });
  t.equal(usableCpus(half), 1);
  const old = reading({
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "30000\n",
    "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
  });
  t.equal(usableCpus(old), 1);
  t.end();
});

test("without a quota, or with one above what there is, all CPUs are used", (t) => {
  const all = availableParallelism();
  t.equal(usableCpus(reading({})), all);
  t.equal(usableCpus(reading({ "/sys/fs/cgroup/cpu.max": "max 100000\n" })), all);
  t.equal(usableCpus(reading({ "/sys/fs/cgroup/cpu.max": "99900000 100000\n" })), all);
  const none = reading({
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
    "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
  });
  t.equal(usableCpus(none), all);
  t.end();
});
