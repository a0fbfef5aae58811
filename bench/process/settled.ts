// Memory of a process that has come to rest: what start-up and load left behind for a garbage
// collector or an allocator to return has been returned.
import { setTimeout as sleep } from "node:timers/promises";
import { sampleProcess } from "./proc.ts";
import type { ProcessSample } from "./proc.ts";

/** Resolves when private dirty memory has stayed the same for a while, at the latest after a minute. */
export async function settled(pid: number): Promise<ProcessSample> {
  let last = sampleProcess(pid);
  for (let seconds = 0, quiet = 0; seconds < SECONDS_MAX && quiet < QUIET_SECONDS; seconds++) {
    await sleep(1_000);
    const next = sampleProcess(pid);
    const changed = Math.abs(next.privateDirtyBytes - last.privateDirtyBytes) > NOISE_BYTES;
    quiet = changed ? 0 : quiet + 1;
    last = next;
  }
  return last;
}

const SECONDS_MAX = 60;
/** V8 frees memory about eight seconds after a thread has become idle. */
const QUIET_SECONDS = 12;
const NOISE_BYTES = 64 * 1024;
