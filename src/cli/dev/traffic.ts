// The demo's own traffic: a steady trickle through the edge listener, marked by its user agent, so that the table has
// something to show.
import { Agent } from "node:http";
import { probeHttp } from "./probe.ts";

export interface Traffic {
  stop(): void;
}

export function startTraffic(address: string, ratePerSecond: number): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  let inFlight = 0;
  const timer = setInterval(() => {
    // When answers take long the trickle stops instead of piling up.
    if (inFlight >= connectionsMax) return;
    inFlight += 1;
    void probeHttp(address, agent).finally(() => (inFlight -= 1));
  }, 1_000 / ratePerSecond);
  return {
    stop: () => {
      clearInterval(timer);
      agent.destroy();
    },
  };
}

const connectionsMax = 8;
