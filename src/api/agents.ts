// Where the agents of a working folder are found: one Unix socket per process, named by its pid. The path is relative,
// because a socket's address holds 107 bytes and working folders can be deep.
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";

/** Folder of the sockets, relative to the working folder. */
export const agentsFolder: string = join(".heddle", "agents");

export function agentSocketPath(pid: number): string {
  return join(agentsFolder, `${pid}.sock`);
}

/** Processes that live and have a socket here; the youngest socket last. Leftovers of dead processes are removed. */
export async function findAgents(): Promise<number[]> {
  const names = await readdir(agentsFolder).catch(() => []);
  const alive: number[] = [];
  for (const name of names) {
    const pid = Number(/^(\d+)\.sock$/.exec(name)?.[1]);
    if (!Number.isInteger(pid)) continue;
    if (isAlive(pid)) alive.push(pid);
    else await unlink(join(agentsFolder, name)).catch(() => undefined);
  }
  return alive.sort((left, right) => left - right);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
