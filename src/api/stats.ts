// What the shards count, merged over all of them. Counters only grow while the process lives; whoever wants a rate
// reads twice and subtracts. Durations are log-linear histograms in nanoseconds, sizes are powers of two in bytes.

export interface Stats {
  shards: ShardStats[];
  cells: Cell[];
  /** Failures that belong to no request, such as refused connections; by reason, without those that did not occur. */
  failures: { error: string; count: number }[];
  /** Lines of the access log that were not written. */
  logDropped: number;
  /** How often each limit was reached; those that never were are left out. */
  limits: { limit: string; count: number }[];
  /** Memory that the process may hold, what it held before it had a connection, and what it holds by the kernel's count. */
  memory: { budgetBytes: number; baseBytes: number; measuredBytes: number };
  /** Services whose endpoints are tested. */
  health: ServiceHealth[];
  configurationVersion: number;
  endpointsVersion: number;
}

/** What the tests of a service's endpoints say. */
export interface ServiceHealth {
  namespace: string;
  service: string;
  endpoints: { address: string; state: "unchecked" | "healthy" | "unhealthy" }[];
  passed: number;
  failed: { reason: string; count: number }[];
  /** Times that an endpoint was taken out, by the failure that decided it, and that one came back. */
  ejected: { reason: string; count: number }[];
  recovered: number;
}

export interface ShardStats {
  index: number;
  /** Times the run loop woke up, and socket events it handled. */
  turns: number;
  events: number;
  /** Open now. */
  downstreamConnections: number;
  upstreamConnections: number;
  /** Faults of the proxy itself, each of which ended one connection. */
  panics: number;
  /** Requests sent a second time because the first attempt surely had no effect. */
  retries: number;
  /** Memory for its connections: blocks and tables. */
  heldBytes: number;
}

/** One (listener, source, destination service) triple. */
export interface Cell {
  listener: string;
  /** Workload that calls; `unknown` at the edge. */
  source: string;
  service: string;
  namespace: string;
  protocol: "http" | "tcp";
  requests: RequestCount[];
  duration: ClassDuration[];
  requestBytes: SizeHistogram;
  responseBytes: SizeHistogram;
  /** Of downstream; for tcp these are the relayed connections. */
  connectionsOpened: number;
  connectionsClosed: number;
  /** From and to downstream. */
  receivedBytes: number;
  sentBytes: number;
}

export interface RequestCount {
  status: number;
  /** Name from the error vocabulary; absent when the upstream answered. */
  error?: string;
  count: number;
}

export type StatusClass = "success" | "clientError" | "serverError";

export interface ClassDuration extends DurationHistogram {
  class: StatusClass;
}

/** Request head in to last response byte out. Buckets are sparse and ordered by index. */
export interface DurationHistogram {
  count: number;
  sumNs: number;
  buckets: [index: number, count: number][];
}

/** Bucket b holds sizes in [2^(b-1), 2^b), bucket 0 holds the size 0. */
export interface SizeHistogram {
  count: number;
  sum: number;
  buckets: [log2: number, count: number][];
}
