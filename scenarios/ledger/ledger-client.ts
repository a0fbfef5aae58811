// The tagging client: sends requests over keep-alive connections and writes down one outcome for each.
import { setTimeout as sleep } from "node:timers/promises";
import { LedgerConnection } from "./ledger-connection.ts";
import type { Finished, Outcome, Sent } from "./record.ts";
import { taggedRequest, type RequestPlan, type TaggedRequest } from "./tagged-request.ts";

export class LedgerClient {
  readonly sent: Sent[] = [];
  readonly finished: Finished[] = [];
  readonly connections: LedgerConnection[] = [];
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Connections that are not closed. */
  get openCount(): number {
    return this.connections.filter(({ isOpen }) => isOpen).length;
  }

  /** Over an idle connection, or a new one. */
  send(plan: RequestPlan): Promise<Outcome> {
    return this.#follow(this.#request(plan), this.#idle());
  }

  /** All at once behind each other on one connection. */
  pipeline(plans: readonly RequestPlan[]): Promise<Outcome[]> {
    const connection = this.#idle();
    return Promise.all(plans.map((plan) => this.#follow(this.#request(plan), connection)));
  }

  /** Sends `plans` in turn from `width` connections until `isOver`. */
  async load(plans: readonly RequestPlan[], width: number, isOver: () => boolean): Promise<void> {
    let next = 0;
    const sendAll = async (): Promise<void> => {
      while (!isOver()) {
        await this.send(plans[next++ % plans.length] ?? {});
      }
    };
    await Promise.all(Array.from({ length: width }, sendAll));
  }

  /** Sends `plans` in turn at a steady rate until `isOver`; resolves with the latency of each from when it was due. */
  async paced(
    plans: readonly RequestPlan[],
    ratePerSecond: number,
    isOver: () => boolean,
  ): Promise<number[]> {
    const startMs = performance.now();
    const latencies: Promise<number>[] = [];
    while (!isOver()) {
      const dueMs = startMs + (latencies.length * 1_000) / ratePerSecond;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      const plan = plans[latencies.length % plans.length] ?? {};
      latencies.push(this.send(plan).then(() => performance.now() - dueMs));
    }
    return Promise.all(latencies);
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }

  #request(plan: RequestPlan): TaggedRequest {
    const request = taggedRequest(plan);
    this.sent.push(request.record);
    return request;
  }

  async #follow(request: TaggedRequest, connection: LedgerConnection): Promise<Outcome> {
    for (let at = connection; ; at = this.#idle()) {
      const ending = await at.send(request);
      if (ending.kind === "unprocessed") continue;
      this.finished.push({ id: request.record.id, outcome: ending });
      return ending;
    }
  }

  #idle(): LedgerConnection {
    const idle = this.connections.find(({ isIdle }) => isIdle);
    if (idle !== undefined) return idle;
    const opened = new LedgerConnection(this.#port);
    this.connections.push(opened);
    return opened;
  }
}
