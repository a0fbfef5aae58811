// A control group with a limit of memory (cgroups(7), of either version), for a scenario that may make one.
import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import { until } from "./until.ts";

export interface MemoryGroup {
  readonly folder: string;
  /** Processes that the kernel killed for its limit. */
  killedCount(): Promise<number>;
}

/** The group, which ends with the test, or why there is none. */
export async function memoryGroup(t: Test, limitBytes: number): Promise<MemoryGroup | string> {
  const version = versions.find(({ root, mark }) => existsSync(join(root, mark)));
  if (version === undefined) return "no control groups of memory are mounted";
  const folder = join(version.root, `heddle-scenario-${process.pid}`);
  try {
    await mkdir(folder);
  } catch (error) {
    return `no control group can be made: ${String(error)}`;
  }
  t.teardown(() =>
    until("the group is empty", () =>
      rmdir(folder).then(
        () => true,
        () => false,
      ),
    ),
  );
  await writeFile(join(folder, version.limit), String(limitBytes));
  return {
    folder,
    killedCount: async () => {
      const events = await readFile(join(folder, version.events), "utf8");
      return Number(/^oom_kill (\d+)$/m.exec(events)?.[1]);
    },
  };
}

const versions = [
  {
    root: "/sys/fs/cgroup/memory",
    mark: "memory.limit_in_bytes",
    limit: "memory.limit_in_bytes",
    events: "memory.oom_control",
  },
  {
    root: "/sys/fs/cgroup",
    mark: "cgroup.subtree_control",
    limit: "memory.max",
    events: "memory.events",
  },
];
