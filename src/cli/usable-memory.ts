// How much memory this process may hold: the limit of its control group, else all that the machine has.
import { totalmem } from "node:os";

export function usableMemoryBytes(): number {
  const machineBytes = totalmem();
  const groupBytes = process.constrainedMemory();
  return groupBytes > 0 && groupBytes < machineBytes ? groupBytes : machineBytes;
}
