// The addresses of the DNS names that the configuration uses: follows the names of the day and keeps what it knows when
// the set of them changes.
import { dnsSource } from "../discovery/index.ts";

export class Names {
  readonly #stopped: AbortSignal;
  readonly #changed: () => void;
  readonly #first: Promise<void>;
  #firstCame: () => void = () => {};
  #addresses: ReadonlyMap<string, readonly string[]> = new Map();
  #followed = "";
  #following = new AbortController();

  /** `known` are addresses from before. */
  constructor(
    stopped: AbortSignal,
    changed: () => void,
    known: ReadonlyMap<string, readonly string[]> = new Map(),
  ) {
    this.#stopped = stopped;
    this.#changed = changed;
    this.#addresses = known;
    this.#first = new Promise((resolve) => (this.#firstCame = resolve));
  }

  /** By name; a name that never resolved is absent. */
  get addresses(): ReadonlyMap<string, readonly string[]> {
    return this.#addresses;
  }

  /** Resolves with the first addresses. */
  resolved(): Promise<void> {
    return this.#first;
  }

  /** Follows exactly these names; false when it does so already. */
  follow(names: readonly string[]): boolean {
    const wanted = [...names].sort();
    if (wanted.join(" ") === this.#followed) return false;
    this.#followed = wanted.join(" ");
    this.#following.abort();
    this.#following = new AbortController();
    if (wanted.length > 0)
      void this.#watch(wanted, AbortSignal.any([this.#stopped, this.#following.signal]));
    return wanted.length > 0;
  }

  async #watch(names: string[], signal: AbortSignal): Promise<void> {
    for await (const addresses of dnsSource(names).watch(signal)) {
      this.#addresses = new Map([...this.#addresses, ...addresses]);
      this.#firstCame();
      this.#changed();
    }
  }
}
