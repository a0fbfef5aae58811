// The programs that heddle starts itself: one for each local port of a service with a command.
import type { Resources } from "../resources/index.ts";
import { localPorts } from "./endpoints.ts";

export interface Workload {
  service: string;
  command: string;
  port: number;
  /** Services that it calls. */
  upstreams: string[];
}

export function workloadsOf({ mesh }: Resources): Workload[] {
  return mesh.services.flatMap((service) => {
    const { name, run, upstreams } = service;
    if (run === undefined) return [];
    return localPorts(service).map((port) => ({
      service: name,
      command: run,
      port,
      upstreams: upstreams.map((upstream) => upstream.service),
    }));
  });
}
