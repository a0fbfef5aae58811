// Notices that the files or the addresses of names have changed and has the difference published, one change at a
// time. Files that are wrong do not stop addresses from following: the last good files are compiled with the new ones.
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
  #filesChanged = false;

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

  /** The first publish. Names get a moment to be resolved, so that it does not begin without endpoints. */
  async first(): Promise<PublishResult> {
    this.#watch();
    let outcome = await this.#compile(this.#source);
    if (outcome.kind === "compiled" && this.#names.follow(outcome.names)) {
      await Promise.race([
        this.#names.resolved(),
        systemClock.sleep(firstResolveMs, this.#stopping.signal),
      ]);
      outcome = await this.#compile(this.#source);
    }
    return this.#publisher.publish(outcome);
  }

  /** Publishes changes until stopped; `fromFiles` is false when only addresses have changed. */
  async follow(apply: (result: PublishResult, fromFiles: boolean) => void): Promise<void> {
    for await (const _ of this.#triggers.values(this.#stopping.signal)) {
      const fromFiles = this.#filesChanged;
      this.#filesChanged = false;
      const outcome = await this.#compile(
        fromFiles ? this.#source : { files: this.#publisher.files ?? [] },
      );
      if (this.#stopping.signal.aborted) return;
      if (outcome.kind === "compiled") this.#names.follow(outcome.names);
      apply(this.#publisher.publish(outcome), fromFiles);
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  #compile(source: CompileJob["source"]): Promise<CompileOutcome> {
    return this.#publisher.compile(source, this.#names.addresses);
  }

  #watch(): void {
    if (!("target" in this.#source)) return;
    const changes = watchFiles([this.#source.target], this.#stopping.signal);
    void (async () => {
      for await (const _ of changes) {
        this.#filesChanged = true;
        this.#triggers.put();
      }
    })();
  }
}

/** A resolver that takes longer must not keep the other services from starting. */
const firstResolveMs = 2_000;
