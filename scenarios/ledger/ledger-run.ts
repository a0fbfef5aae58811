// A run under the ledger: begins with a baseline of the agent, ends when everybody is quiet again, and gives the record.
import type { Agent } from "../support/start-agent.ts";
import { until } from "../support/until.ts";
import { LedgerClient } from "./ledger-client.ts";
import type { LedgerOrigin } from "./ledger-origin.ts";
import { requestCountsOf, settledUsageOf, usageOf } from "./proxy-record.ts";
import type { ProxyRecord, RunRecord, Stream, Usage } from "./record.ts";

export class LedgerRun {
  readonly #origins: readonly LedgerOrigin[];
  readonly #agent: Agent | undefined;
  readonly #before: Usage | undefined;
  readonly #clients: LedgerClient[] = [];
  readonly streams: Stream[] = [];

  private constructor(
    origins: readonly LedgerOrigin[],
    agent: Agent | undefined,
    before: Usage | undefined,
  ) {
    this.#origins = origins;
    this.#agent = agent;
    this.#before = before;
  }

  /** With the agent that has served nothing yet, or without one when it changes during the run. */
  static async begin(origins: readonly LedgerOrigin[], agent?: Agent): Promise<LedgerRun> {
    return new LedgerRun(origins, agent, agent && (await settledUsageOf(agent)));
  }

  client(port: number): LedgerClient {
    const client = new LedgerClient(port);
    this.#clients.push(client);
    return client;
  }

  /** What the agent holds at the moment. */
  usage(): Promise<Usage> {
    if (this.#agent === undefined) throw new Error("this run has no agent of its own");
    return usageOf(this.#agent);
  }

  /** Closes all connections, waits until nothing is left of the run, and joins the records. */
  async end(): Promise<RunRecord> {
    for (const client of this.#clients) client.close();
    const proxy = await this.#proxyRecord();
    return {
      sent: this.#clients.flatMap(({ sent }) => sent),
      finished: this.#clients.flatMap(({ finished }) => finished),
      connections: this.#clients.flatMap(({ connections }) => connections),
      arrivals: this.#origins.flatMap(({ arrivals }) => arrivals),
      streams: this.streams,
      ...(proxy && { proxy }),
    };
  }

  async #proxyRecord(): Promise<ProxyRecord | undefined> {
    const [agent, before] = [this.#agent, this.#before];
    if (agent === undefined || before === undefined) return undefined;
    // A leak is the checker's to report: what has not come back by now goes into the record.
    const after = await until("the agent holds what it held before", async () => {
      for (const origin of this.#origins) origin.closeIdle();
      const usage = await usageOf(agent);
      return isWithin(usage, before) && usage;
    }).catch(() => usageOf(agent));
    return { before, after, counts: await requestCountsOf(agent) };
  }
}

function isWithin(usage: Usage, bound: Usage): boolean {
  return (
    usage.descriptors <= bound.descriptors &&
    usage.downstreamConnections <= bound.downstreamConnections &&
    usage.upstreamConnections <= bound.upstreamConnections
  );
}
