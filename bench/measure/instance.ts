// One started proxy with everything that belongs to it, and the upstream that it leads to.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadPrograms } from "../load/programs.ts";
import type { Assignment, Peer } from "../peers/peer.ts";
import { freePort, waitUntilAnswering } from "../process/port.ts";
import { startServer } from "../process/server.ts";
import type { Server } from "../process/server.ts";
import type { Workload } from "./workload.ts";

export interface Instance {
  label: string;
  peer: Peer;
  server: Server;
  assignment: Assignment;
  stop(): Promise<void>;
}

export interface Upstream {
  port: number;
  server: Server;
}

/** A peer under a name of its own, with what sets it apart from the same peer on the other side. */
export interface Side {
  label: string;
  peer: Peer;
  routes: number;
  isFull?: boolean;
}

export async function startUpstream(programs: LoadPrograms, workload: Workload): Promise<Upstream> {
  const port = await freePort();
  const body = ["--body-bytes", String(workload.bodyBytes)];
  const args = ["--mode", workload.protocol, "--port", String(port), ...body];
  const core = workload.placement?.loadCore;
  const server = startServer({ file: programs.upstream, args }, { name: "upstream", core });
  await waitUntilAnswering(server, port, PROBES[workload.protocol]);
  return { port, server };
}

/** Configures and starts a proxy; resolves when it has carried a first request to the upstream. */
export async function startInstance(
  side: Side,
  workload: Workload,
  upstreamPort: number,
): Promise<Instance> {
  const { label, peer, routes, isFull = false } = side;
  const { protocol, threads } = workload;
  const folder = await mkdtemp(join(tmpdir(), `heddle-bench-${peer.name}-`));
  const [port, adminPort] = [await freePort(), await freePort()];
  const ports = { port, adminPort, upstreamPort };
  const assignment = { protocol, ...ports, threads, routes, isFull, folder };
  const core = workload.placement?.proxyCore;
  const server = startServer(await peer.configure(assignment), { name: label, core });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const path = routes > 1 ? "/group-00/item-00000" : "/";
    const { request, answer } = PROBES[protocol];
    const probe = { request: request.replace(" / ", ` ${path} `), answer };
    await waitUntilAnswering(server, port, probe);
  } catch (error) {
    await stop();
    throw error;
  }
  return { label, peer, server, assignment, stop };
}

const PROBES = {
  http: {
    request: "GET / HTTP/1.1\r\nhost: api.bench.internal\r\n\r\n",
    answer: "HTTP/1.1 200",
  },
  tcp: { request: "send\n", answer: "x" },
};
