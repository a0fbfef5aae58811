// Who calls whom, as lines of text: each edge with its address and what a probe through it gave.
import type { Terminal } from "../terminal.ts";
import { probe, type ProbeResult } from "./probe.ts";
import type { Listener } from "./workloads.ts";

export interface EdgeHealth {
  listener: Listener;
  result: ProbeResult;
}

/** Probes all listeners, one after the other, so that the durations are not each other's. */
export async function probeEdges(listeners: readonly Listener[]): Promise<EdgeHealth[]> {
  const healths: EdgeHealth[] = [];
  for (const listener of listeners) healths.push({ listener, result: await probe(listener) });
  return healths;
}

export function graphText(healths: readonly EdgeHealth[], { marks, paint }: Terminal): string {
  const rows = healths.map(({ listener, result }) => ({
    mark: result.ok ? paint("green", marks.ok) : paint("red", marks.bad),
    edge: `${listener.source ?? `(${listener.name})`} ${marks.arrow} ${listener.service}`,
    address: listener.address,
    outcome: `${result.outcome} in ${result.durationMs.toFixed(1)} ms`,
  }));
  const edgeWidth = Math.max(0, ...rows.map(({ edge }) => edge.length));
  const addressWidth = Math.max(0, ...rows.map(({ address }) => address.length));
  return rows
    .map(
      ({ mark, edge, address, outcome }) =>
        `${mark} ${edge.padEnd(edgeWidth)}  ${address.padEnd(addressWidth)}  ${outcome}\n`,
    )
    .join("");
}
