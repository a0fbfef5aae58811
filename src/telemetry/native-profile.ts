// Heddle's own metric families: versions in force, what each shard does, connections that are open, and requests that
// the proxy itself had to end, by reason.
import type { ShardStats, Stats } from "../api/index.ts";
import type { Family } from "./exposition.ts";

export function nativeProfile(stats: Stats): Family[] {
  return [
    {
      name: "heddle_config_version",
      type: "gauge",
      help: "Version in force of the configuration and of the endpoints.",
      samples: [
        { labels: { part: "configuration" }, value: stats.configurationVersion },
        { labels: { part: "endpoints" }, value: stats.endpointsVersion },
      ],
    },
    perShard(
      "heddle_shard_turns_total",
      "Turns of the shard's run loop.",
      stats,
      (shard) => shard.turns,
    ),
    perShard(
      "heddle_shard_events_total",
      "Socket events the shard handled.",
      stats,
      (shard) => shard.events,
    ),
    {
      name: "heddle_connections",
      type: "gauge",
      help: "Open connections by shard and direction.",
      samples: stats.shards.flatMap((shard) => [
        {
          labels: { shard: String(shard.index), peer: "downstream" },
          value: shard.downstreamConnections,
        },
        {
          labels: { shard: String(shard.index), peer: "upstream" },
          value: shard.upstreamConnections,
        },
      ]),
    },
    perShard(
      "heddle_shard_panics_total",
      "Faults of the proxy itself, each of which ended one connection.",
      stats,
      (shard) => shard.panics,
    ),
    {
      name: "heddle_connection_errors_total",
      type: "counter",
      help: "Connections that were refused or ended and failures that belong to no request, by reason.",
      samples: stats.failures.map(({ error, count }) => ({ labels: { error }, value: count })),
    },
    perShard(
      "heddle_retries_total",
      "Requests sent a second time because the first attempt surely had no effect.",
      stats,
      (shard) => shard.retries,
    ),
    {
      name: "heddle_memory_bytes",
      type: "gauge",
      help: "Memory: the budget, what the process held without connections, what it holds by the kernel's count, and what each shard holds for connections.",
      samples: [
        { labels: { part: "budget" }, value: stats.memory.budgetBytes },
        { labels: { part: "base" }, value: stats.memory.baseBytes },
        { labels: { part: "measured" }, value: stats.memory.measuredBytes },
        ...stats.shards.map((shard) => ({
          labels: { part: "connections", shard: String(shard.index) },
          value: shard.heldBytes,
        })),
      ],
    },
    {
      name: "heddle_limits_reached_total",
      type: "counter",
      help: "Times that a limit of time or size ended or changed something.",
      samples: stats.limits.map(({ limit, count }) => ({ labels: { limit }, value: count })),
    },
    {
      name: "heddle_request_errors_total",
      type: "counter",
      help: "Requests that the proxy ended itself, by reason.",
      samples: stats.cells.flatMap((cell) =>
        cell.requests.flatMap(({ status, error, count }) =>
          error === undefined
            ? []
            : [
                {
                  labels: {
                    listener: cell.listener,
                    service: cell.service,
                    error,
                    status: String(status),
                  },
                  value: count,
                },
              ],
        ),
      ),
    },
    ...healthFamilies(stats),
    {
      name: "heddle_log_dropped_total",
      type: "counter",
      help: "Lines of the access log that were not written: a full ring, or a file that cannot be written.",
      samples: [{ labels: {}, value: stats.logDropped }],
    },
  ];
}

function healthFamilies({ health }: Stats): Family[] {
  const states = ["healthy", "unhealthy", "unchecked"] as const;
  return [
    {
      name: "heddle_endpoint_state",
      type: "gauge",
      help: "Endpoints of a service with a health check by what its tests say.",
      samples: health.flatMap(({ service, endpoints }) =>
        states.map((state) => ({
          labels: { service, state },
          value: endpoints.filter((endpoint) => endpoint.state === state).length,
        })),
      ),
    },
    {
      name: "heddle_health_checks_total",
      type: "counter",
      help: "Tests of endpoints by how they ended.",
      samples: health.flatMap(({ service, passed, failed }) => [
        { labels: { service, result: "passed" }, value: passed },
        ...failed.map(({ reason, count }) => ({
          labels: { service, result: reason },
          value: count,
        })),
      ]),
    },
    {
      name: "heddle_ejections_total",
      type: "counter",
      help: "Times that an endpoint was taken out, by the failure that decided it.",
      samples: health.flatMap(({ service, ejected }) =>
        ejected.map(({ reason, count }) => ({ labels: { service, reason }, value: count })),
      ),
    },
    {
      name: "heddle_recoveries_total",
      type: "counter",
      help: "Times that an endpoint that was taken out came back.",
      samples: health.map(({ service, recovered }) => ({ labels: { service }, value: recovered })),
    },
  ];
}

function perShard(
  name: string,
  help: string,
  stats: Stats,
  read: (shard: ShardStats) => number,
): Family {
  return {
    name,
    type: "counter",
    help,
    samples: stats.shards.map((shard) => ({
      labels: { shard: String(shard.index) },
      value: read(shard),
    })),
  };
}
