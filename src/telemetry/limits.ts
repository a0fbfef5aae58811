// The limits of the data plane, and what a connection costs it. The rows come from native/proxy, which owns them.
import { limits, memory } from "./generated/limits.ts";

export interface LimitRow {
  name: string;
  /** Label of `heddle_limits_reached_total`. */
  counted: string;
  value: number;
  unit: "ms" | "bytes" | "bytes/s" | "count";
  /** Who may set it: the member of the resource, and the key in a file. */
  setBy?: {
    of: "listener" | "service" | "http service" | "tcp service";
    member: string;
    key: string;
  };
  /** What happens beyond it: a status, or the end of the connection. */
  beyond: string;
}

export const limitRows: readonly LimitRow[] = limits;

/** What is given up from so many thousandths of the memory budget on. */
export const memoryLadder: readonly { permille: number; counted: string; does: string }[] =
  memory.ladder;

const { downstreamBytes, upstreamBytes, blockBytes, bulkBlockBytes, queueBytes } = memory;
const exchangeBytes = downstreamBytes + upstreamBytes;

/** Memory for one connection of a client, with the one to an endpoint that serves it, in bytes. */
export const connectionBytes: Readonly<Record<"idle" | "begun" | "exchange" | "full", number>> = {
  /** It has no request. */
  idle: downstreamBytes,
  /** Part of a request has come. */
  begun: downstreamBytes + blockBytes,
  /** A request and its response pass. */
  exchange: exchangeBytes + 2 * blockBytes,
  /** A peer takes nothing: its queue is full, and so is the read that filled it. */
  full: exchangeBytes + blockBytes + queueBytes + bulkBlockBytes,
};
