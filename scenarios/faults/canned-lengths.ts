// How many bytes the ledger's origin sends for a request: the same for every id, so that a fault can be put at any of them.
import { connect } from "node:net";
import type { Test } from "tap";
import { startLedgerOrigin } from "../ledger/ledger-origin.ts";
import { ResponseReader } from "../ledger/response-reader.ts";
import { taggedRequest, type RequestPlan } from "../ledger/tagged-request.ts";

export interface CannedLengths {
  head: number;
  whole: number;
}

/** Asks an origin of its own, whose arrivals are no part of the run. */
export async function cannedLengths(t: Test, plan: RequestPlan): Promise<CannedLengths> {
  const origin = await startLedgerOrigin(t);
  const request = taggedRequest(plan);
  const reader = new ResponseReader();
  const parts: Buffer[] = [];
  const socket = connect({ port: origin.port, host: "127.0.0.1" });
  socket.write(request.bytes);
  for await (const part of socket as AsyncIterable<Buffer>) {
    parts.push(part);
    reader.push(part);
    if (reader.next(request.record.method === "HEAD") !== undefined) break;
  }
  const bytes = Buffer.concat(parts);
  return { head: bytes.indexOf("\r\n\r\n") + 4, whole: bytes.length };
}
