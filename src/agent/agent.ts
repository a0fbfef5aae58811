// One proxy process: follows its files and names, feeds the shards, answers metrics, health and the control API, and
// drains. What it forwards is the shards' business; blocking or losing this thread's JavaScript does not touch it.
import type { AgentStatus, Stats, StatusDiagnostic } from "../api/index.ts";
import { compactHeap, preferSmallHeaps, startShards, type Shards } from "../shard/index.ts";
import { serveAdmin } from "./admin-server.ts";
import { createCompiler } from "./compiler.ts";
import { Follower } from "./follower.ts";
import { serveHealth } from "./health-server.ts";
import type { LocalServer } from "./listen.ts";
import { serveMetrics } from "./metrics-server.ts";
import { exitBadConfiguration, exitRefused, StartError, type AgentOptions } from "./options.ts";
import { SnapshotStore, type Stored } from "./snapshot-store.ts";
import { Publisher, statusDiagnostic, type Description, type PublishResult } from "./publisher.ts";

export interface Agent {
  status(): AgentStatus;
  stats(): Stats;
  /** Round trip to the JavaScript of each shard, in milliseconds. */
  ping(): Promise<number[]>;
  /** Accepts nothing new; `finished` resolves when idle or at the deadline. */
  drain(deadlineMs: number): void;
  stop(graceMs: number): void;
  /** Opens the file of the access log anew, after something moved it away. */
  reopenLog(): void;
  /** Resolves when all shards have stopped and everything else is closed; rejects when a shard fails. */
  readonly finished: Promise<void>;
  /** It ended, or is going to, because faults of its own became too many; it should be started again. */
  isFaulty(): boolean;
}

/** Resolves once the first snapshot is in force; throws a StartError when it cannot be. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  preferSmallHeaps();
  const compiler = createCompiler();
  const store = openStore(options);
  const publisher = new Publisher({
    compiler,
    share: options.share,
    startShards: () => startShards(options),
    ...(store === undefined ? {} : { keep: (stored) => store.put(stored) }),
  });
  const stored = store && (await loadStored(store, options));
  const follower = new Follower(publisher, options.source, stored && new Map(stored.addresses));
  const close = async (): Promise<void> => {
    await Promise.all([compiler.close(), store?.settled()]);
  };
  try {
    return await new RunningAgent(options, publisher, follower).start(stored, close);
  } catch (error) {
    publisher.shards?.stop(stopGraceMs);
    follower.stop();
    await Promise.all([publisher.shards?.finished, close()]);
    throw error;
  }
}

class RunningAgent {
  readonly #options: AgentOptions;
  readonly #publisher: Publisher;
  readonly #follower: Follower;
  readonly #startedAt = new Date().toISOString();
  #state: AgentStatus["state"] = "starting";
  #compiled: Description | undefined;
  #diagnostics: StatusDiagnostic[] = [];
  /** Of files of endpoints that are wrong while earlier ones are in force. */
  #kept: StatusDiagnostic[] = [];
  #metricsAddress = "";
  #healthAddress = "";

  constructor(options: AgentOptions, publisher: Publisher, follower: Follower) {
    this.#options = options;
    this.#publisher = publisher;
    this.#follower = follower;
  }

  /** What is stored, if anything, is in force before anything else is looked at. */
  async start(stored: Stored | undefined, closeOthers: () => Promise<void>): Promise<Agent> {
    const restored = stored !== undefined && this.#restore(stored);
    if (!restored) this.#apply(await this.#follower.first(), true);
    const shards = this.#publisher.shards;
    if (shards === undefined) throw new Error("published without shards");
    const servers = await this.#serve(shards);
    this.#state = "ready";
    const following = this.#follow(restored);
    const finished = this.#finish(shards.finished, async () => {
      for (const server of servers) server.close();
      await Promise.all([closeOthers(), following]);
    });
    finished.catch(() => undefined);
    compactHeap();
    return {
      status: () => this.#status(),
      stats: () => shards.stats(),
      ping: () => shards.ping(),
      drain: (deadlineMs) => {
        this.#state = "draining";
        shards.drain(deadlineMs);
      },
      stop: (graceMs) => shards.stop(graceMs),
      reopenLog: () => shards.reopenLog(),
      finished,
      isFaulty: () => shards.isFaulty(),
    };
  }

  #restore(stored: Stored): boolean {
    const { report } = this.#options;
    const result = this.#publisher.restore(stored);
    if (result.kind === "refused") {
      report({ kind: "storeRefused", reason: result.diagnostics[0]?.message ?? "" });
      return false;
    }
    this.#compiled = result.compiled;
    report({ kind: "restored", version: result.compiled.versions.configuration });
    return true;
  }

  async #follow(restored: boolean): Promise<void> {
    if (restored) this.#apply(await this.#follower.first(), true);
    await this.#follower.follow((result, fromFiles) => this.#apply(result, fromFiles));
  }

  #apply(result: PublishResult, fromFiles: boolean): void {
    const { report } = this.#options;
    if (result.kind === "refused") {
      if (this.#state === "starting") {
        throw new StartError(
          result.by === "compiler" ? exitBadConfiguration : exitRefused,
          result.diagnostics,
        );
      }
      this.#diagnostics = result.diagnostics;
      return report({ kind: "refused", diagnostics: result.diagnostics });
    }
    const warnings = result.compiled.diagnostics.map(statusDiagnostic);
    if (fromFiles) this.#diagnostics = warnings;
    this.#compiled = result.compiled;
    this.#reportKept(result.compiled.kept.map(statusDiagnostic));
    if (result.change === "none") return;
    if (warnings.length > 0) report({ kind: "warned", diagnostics: warnings });
    const { workloads, edges, versions } = result.compiled;
    const version = result.change === "endpoints" ? versions.endpoints : versions.configuration;
    report({ kind: "published", change: result.change, version, workloads, edges });
  }

  /** Once for each mistake, however often it is met. */
  #reportKept(diagnostics: StatusDiagnostic[]): void {
    const isNew = JSON.stringify(diagnostics) !== JSON.stringify(this.#kept);
    this.#kept = diagnostics;
    if (isNew && diagnostics.length > 0) this.#options.report({ kind: "kept", diagnostics });
  }

  async #serve(shards: Shards): Promise<{ close(): void }[]> {
    const { metricsPort, healthPort, version } = this.#options;
    const namespaceOf = (workload: string): string | undefined =>
      new Map(this.#compiled?.namespaces).get(workload);
    const metrics = await serveMetrics(metricsPort, {
      stats: () => shards.stats(),
      version,
      namespaceOf,
    });
    const health = await serveHealth(healthPort, () => this.#currentState());
    this.#metricsAddress = this.#note("metrics", metricsPort, metrics);
    this.#healthAddress = this.#note("health", healthPort, health);
    const admin = await serveAdmin({
      stats: () => shards.stats(),
      status: () => this.#status(),
      config: () => this.#publisher.config(),
    });
    return [metrics, health, admin];
  }

  #note(purpose: "metrics" | "health", port: number, { wanted, address }: LocalServer): string {
    if (!wanted) this.#options.report({ kind: "portTaken", purpose, port, address });
    return address;
  }

  async #finish(shardsFinished: Promise<void>, close: () => Promise<void>): Promise<void> {
    try {
      await shardsFinished;
    } finally {
      this.#state = "stopped";
      this.#follower.stop();
      await close();
    }
  }

  /** A data plane with too many faults of its own drains without being told. */
  #currentState(): AgentStatus["state"] {
    const drains = this.#state === "ready" && this.#publisher.shards?.isFaulty();
    return drains === true ? "draining" : this.#state;
  }

  #status(): AgentStatus {
    return {
      schemaVersion: 1,
      pid: process.pid,
      version: this.#options.version,
      mesh: this.#compiled?.mesh ?? "",
      startedAt: this.#startedAt,
      state: this.#currentState(),
      shards: this.#options.shards,
      configurationVersion: this.#compiled?.versions.configuration ?? 0,
      endpointsVersion: this.#compiled?.versions.endpoints ?? 0,
      listeners: this.#compiled?.listeners ?? [],
      metricsAddress: this.#metricsAddress,
      healthAddress: this.#healthAddress,
      diagnostics: [...this.#diagnostics, ...this.#kept],
    };
  }
}

function openStore({ state, report }: AgentOptions): SnapshotStore | undefined {
  if (state === undefined) return undefined;
  const store = new SnapshotStore(state.folder, state.name, (cause) => {
    const reason = cause === undefined ? {} : { reason: cause.message };
    report({ kind: "storeFailing", path: store.path, ...reason });
  });
  return store;
}

async function loadStored(
  store: SnapshotStore,
  { report }: AgentOptions,
): Promise<Stored | undefined> {
  const { stored, refused } = await store.load();
  for (const { path, reason } of refused)
    report({ kind: "storeRefused", reason: `${path}: ${reason}` });
  return stored;
}

/** For shards that never came to serve anything. */
const stopGraceMs = 1_000;
