// How busy the threads of a process are, by the kernel's account of each (schedstat: time running, time waiting to run).
import { readdir, readFile } from "node:fs/promises";

export interface ThreadTime {
  runningMs: number;
  /** Ready to run, but another thread had the processor. */
  waitingMs: number;
}

/** By thread id. */
export async function threadTimes(pid: number): Promise<Map<string, ThreadTime>> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = threads.map(async (thread): Promise<[string, ThreadTime]> => {
    const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
    const [runningNs = 0, waitingNs = 0] = text.split(" ").map(Number);
    return [thread, { runningMs: runningNs / 1e6, waitingMs: waitingNs / 1e6 }];
  });
  return new Map(await Promise.all(times));
}
