// Notices that the files, files of endpoints or the addresses of names have changed and has the difference published, one
// change at a time. Files that are wrong do not stop endpoints from following: the last good files are compiled with the
// new ones.
import { systemClock } from "../lib/clock.ts";
import { Latest } from "../lib/latest.ts";
import { watchFiles } from "../discovery/index.ts";
import type { CompileJob, CompileOutcome } from "./compile-task.ts";
import { Names } from "./names.ts";
import type { Publisher, PublishResult } from "./publisher.ts";

export class Follower {
  readonly #publisher: Publisher;
  readonly #source: CompileJob["source"];
  readonly #stopping = new AbortController();
  readonly #triggers = new Latest<void>();
  readonly #names: Names;
  /** Files of endpoints that are followed. */
  #endpointPaths = "";
  #endpointWatch = new AbortController();
  #filesChanged = false;
  #endpointFilesChanged = false;
  /** The files are wrong, perhaps only because a file of endpoints that they name is. */
  #refused = false;

  /** `addresses` of names are known from before. */
  constructor(
    publisher: Publisher,
    source: CompileJob["source"],
    addresses?: CompileJob["addresses"],
  ) {
    this.#publisher = publisher;
    this.#source = source;
    this.#names = new Names(this.#stopping.signal, () => this.#triggers.put(), addresses);
  }

  /** The first publish. */
  async first(): Promise<PublishResult> {
    this.#watch();
    const outcome = await this.#compileFiles();
    this.#refused = outcome.kind === "refused";
    return this.#publisher.publish(outcome);
  }

  /** Publishes changes until stopped; `fromFiles` is false when only endpoints have changed. */
  async follow(apply: (result: PublishResult, fromFiles: boolean) => void): Promise<void> {
    for await (const _ of this.#triggers.values(this.#stopping.signal)) {
      const fromFiles = this.#filesChanged;
      const again = this.#refused && this.#endpointFilesChanged;
      this.#filesChanged = false;
      this.#endpointFilesChanged = false;
      if (fromFiles || again) {
        const outcome = await this.#compileFiles();
        if (this.#stopping.signal.aborted) return;
        this.#refused = outcome.kind === "refused";
        // What was refused before is not said again.
        if (fromFiles || !this.#refused) apply(this.#publisher.publish(outcome), true);
        if (!this.#refused) continue;
      }
      const outcome = await this.#compile({ files: this.#publisher.files ?? [] });
      if (this.#stopping.signal.aborted) return;
      apply(this.#publisher.publish(outcome), false);
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Names that are new get a moment to be resolved, so that nothing is published without their endpoints. */
  async #compile(source: CompileJob["source"]): Promise<CompileOutcome> {
    let outcome = await this.#publisher.compile(source, this.#names.addresses);
    // Twice where SRV records lead to names.
    while (outcome.kind === "compiled" && this.#names.follow(outcome.names, outcome.dnsServers)) {
      await Promise.race([
        this.#names.resolved(),
        systemClock.sleep(resolveMs, this.#stopping.signal),
      ]);
      outcome = await this.#publisher.compile(source, this.#names.addresses);
    }
    return outcome;
  }

  /** As they are now; what is followed is what they name. */
  async #compileFiles(): Promise<CompileOutcome> {
    const outcome = await this.#compile(this.#source);
    if (outcome.kind === "compiled")
      this.#followEndpointFiles(outcome.endpointFiles.map(({ path }) => path));
    else if (outcome.kind === "refused" && outcome.endpointPaths !== undefined)
      this.#followEndpointFiles([...this.#endpointPaths.split("\0"), ...outcome.endpointPaths]);
    return outcome;
  }

  #followEndpointFiles(named: readonly string[]): void {
    const paths = [...new Set(named)].filter((path) => path !== "").sort();
    if (paths.join("\0") === this.#endpointPaths) return;
    this.#endpointPaths = paths.join("\0");
    this.#endpointWatch.abort();
    this.#endpointWatch = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, this.#endpointWatch.signal]);
    const changed = (): void => {
      this.#endpointFilesChanged = true;
      this.#triggers.put();
    };
    void onChange(watchFiles(paths, signal), changed);
    // They may have changed between the reading and the watching.
    changed();
  }

  #watch(): void {
    if (!("target" in this.#source)) return;
    void onChange(watchFiles([this.#source.target], this.#stopping.signal), () => {
      this.#filesChanged = true;
      this.#triggers.put();
    });
  }
}

async function onChange(changes: AsyncIterable<unknown>, call: () => void): Promise<void> {
  for await (const _ of changes) call();
}

/** A resolver that takes longer must not keep the other services from starting, or from changing. */
const resolveMs = 2_000;
