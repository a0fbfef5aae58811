// Answers Prometheus on loopback. The counters are merged and written when they are asked for, never before.
import type { Stats } from "../api/index.ts";
import {
  istioProfile,
  nativeProfile,
  processProfile,
  writeExposition,
  type ProfileContext,
} from "../telemetry/index.ts";
import { listenLocal, type LocalServer } from "./listen.ts";

export interface MetricsSource extends ProfileContext {
  stats(): Stats;
}

export function serveMetrics(port: number, source: MetricsSource): Promise<LocalServer> {
  return listenLocal(port, (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD")
      return void response.writeHead(405).end();
    const { pathname } = new URL(request.url ?? "/", "http://local");
    if (pathname !== "/metrics") return void response.writeHead(404).end("try /metrics\n");
    response
      .writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" })
      .end(render(source));
  });
}

function render(source: MetricsSource): string {
  const stats = source.stats();
  return writeExposition([
    ...istioProfile(stats, source),
    ...nativeProfile(stats),
    ...processProfile(readProcess()),
  ]);
}

function readProcess(): { cpuSeconds: number; residentBytes: number; startTimeSeconds: number } {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    startTimeSeconds: Math.round(performance.timeOrigin) / 1_000,
  };
}
