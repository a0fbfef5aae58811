// What client, origin and proxy wrote down about a run, each by itself: the checker joins it.

/** Name and value as they stood in the message. */
export type Field = readonly [name: string, value: string];

export interface RunRecord {
  sent: readonly Sent[];
  finished: readonly Finished[];
  arrivals: readonly Arrival[];
  connections: readonly ClientConnection[];
  streams: readonly Stream[];
  /** Absent when no single process served the whole run. */
  proxy?: ProxyRecord;
}

/** A request that the client wrote, or tried to. */
export interface Sent {
  id: string;
  method: string;
  target: string;
  fields: readonly Field[];
  bodyHash: string;
}

/** What became of a request. */
export interface Finished {
  id: string;
  outcome: Outcome;
}

export type Outcome =
  /** A response that its framing says is complete. */
  | { kind: "answered"; status: number; fields: readonly Field[]; bodyHash: string }
  /** The connection broke in the middle of the response, which the client saw. */
  | { kind: "truncated"; status: number }
  /** The connection ended without a byte of the response. */
  | { kind: "failed"; reason: string };

/** A request as it came to the origin, and what the origin meant to answer. */
export interface Arrival {
  id: string;
  /** 1 for the first time that this id came. */
  attempt: number;
  method: string;
  target: string;
  fields: readonly Field[];
  /** Absent when the body was cut short. */
  bodyHash: string | undefined;
  answer: { status: number; fields: readonly Field[]; bodyHash: string };
}

/** One connection of the client: ids in the order of their requests, and ids that the responses named, in theirs. */
export interface ClientConnection {
  sent: readonly string[];
  /** Empty text for a response that was the proxy's own. */
  answered: readonly string[];
}

/** One direction of a relayed connection. */
export interface Stream {
  name: string;
  sent: Buffer;
  received: Buffer;
  /** Whether the receiver saw a FIN, and so believes that it has everything. */
  ended: boolean;
}

export interface ProxyRecord {
  before: Usage;
  after: Usage;
  /** Requests that the proxy counted in the run. */
  counts: readonly RequestCount[];
}

/** What the proxy holds at a moment without traffic. */
export interface Usage {
  descriptors: number;
  downstreamConnections: number;
  upstreamConnections: number;
}

export interface RequestCount {
  status: number;
  /** Ended by the proxy itself. */
  byProxy: boolean;
  count: number;
}

/** The first value of a field, by its name in any case. */
export function valueOf(fields: readonly Field[], name: string): string | undefined {
  return fields.find(([each]) => each.toLowerCase() === name)?.[1];
}

/** RFC 9209: the proxy names itself in the responses that it makes itself. */
export function isByProxy(fields: readonly Field[]): boolean {
  return valueOf(fields, "proxy-status")?.startsWith("heddle") === true;
}
