// Statistics by hand for tests: one HTTP cell with answers, an error and durations, and one TCP cell.
import type { Cell, Stats } from "../api/index.ts";

export function sampleStats(): Stats {
  return {
    shards: [
      {
        index: 0,
        turns: 10,
        events: 25,
        downstreamConnections: 2,
        upstreamConnections: 3,
        panics: 1,
        retries: 4,
        heldBytes: 20_000,
      },
      {
        index: 1,
        turns: 4,
        events: 9,
        downstreamConnections: 1,
        upstreamConnections: 0,
        panics: 0,
        retries: 0,
        heldBytes: 9_000,
      },
    ],
    cells: [httpCell(), tcpCell()],
    failures: [{ error: "overloaded", count: 5 }],
    logDropped: 4,
    limits: [{ limit: "head", count: 6 }],
    memory: { budgetBytes: 128_000_000, baseBytes: 60_000_000, measuredBytes: 91_000_000 },
    health: [
      {
        namespace: "default",
        service: "api",
        endpoints: [
          { address: "127.0.0.1:9101", state: "healthy" },
          { address: "127.0.0.1:9102", state: "unhealthy" },
        ],
        passed: 20,
        failed: [{ reason: "timeout", count: 3 }],
        ejected: [{ reason: "timeout", count: 1 }],
        recovered: 0,
      },
    ],
    configurationVersion: 3,
    endpointsVersion: 7,
  };
}

/** 90 answers, 6 of them 404, and 10 refused connections; 1 ms, 3 ms and 0.2 ms long. */
export function httpCell(): Cell {
  return {
    listener: "web->api",
    source: "web",
    service: "api",
    namespace: "default",
    protocol: "http",
    requests: [
      { status: 200, count: 84 },
      { status: 404, count: 6 },
      { status: 503, error: "connection_refused", count: 10 },
    ],
    duration: [
      { class: "success", count: 84, sumNs: 84_000_000, buckets: [[350, 84]] },
      { class: "clientError", count: 6, sumNs: 18_000_000, buckets: [[398, 6]] },
      { class: "serverError", count: 10, sumNs: 2_000_000, buckets: [[272, 10]] },
    ],
    requestBytes: { count: 100, sum: 0, buckets: [[0, 100]] },
    responseBytes: { count: 100, sum: 12_800, buckets: [[8, 100]] },
    connectionsOpened: 5,
    connectionsClosed: 3,
    receivedBytes: 4_000,
    sentBytes: 20_000,
  };
}

function tcpCell(): Cell {
  return {
    listener: "sql",
    source: "unknown",
    service: "db",
    namespace: "default",
    protocol: "tcp",
    requests: [],
    duration: [],
    requestBytes: { count: 0, sum: 0, buckets: [] },
    responseBytes: { count: 0, sum: 0, buckets: [] },
    connectionsOpened: 8,
    connectionsClosed: 7,
    receivedBytes: 100,
    sentBytes: 900,
  };
}
