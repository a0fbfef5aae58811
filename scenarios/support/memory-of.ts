// What a process holds in memory, by the kernel's account (proc(5), smaps_rollup).
import { readFile } from "node:fs/promises";

export interface Memory {
  rssBytes: number;
  privateDirtyBytes: number;
}

export async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
  return {
    rssBytes: kilobytes("Rss") * 1024,
    privateDirtyBytes: kilobytes("Private_Dirty") * 1024,
  };
}
