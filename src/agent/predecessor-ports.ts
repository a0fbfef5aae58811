// The outbound ports of the agent that this one takes over from: it serves the same folder and still runs. Only with
// the same ports do the programs that call through them notice nothing; any other port may be that of a stranger.
import { agentClient, agentSocketPath, findAgents } from "../api/index.ts";

/** By `source->target`; empty when no agent of this folder answers. Of several the youngest counts. */
export async function predecessorPorts(): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  for (const pid of await findAgents()) {
    const status = await agentClient(agentSocketPath(pid))
      .status()
      .catch(() => undefined);
    for (const { source, service, address } of status?.listeners ?? []) {
      if (source === undefined) continue;
      ports.set(`${source}->${service}`, Number(address.slice(address.lastIndexOf(":") + 1)));
    }
  }
  return ports;
}
