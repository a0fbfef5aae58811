// The addresses of the DNS names that the configuration uses: follows the names of the day, each for itself, so that a
// name that is added or removed has no other asked again.
import { dnsClient, dnsSource, systemLookup, withSrv, type Lookup } from "../discovery/index.ts";

type Addresses = ReadonlyMap<string, readonly string[]>;

export class Names {
  readonly #stopped: AbortSignal;
  readonly #changed: () => void;
  readonly #following = new Map<string, AbortController>();
  #addresses: Addresses;
  #servers = "";
  #lookup: Lookup | undefined;
  #allCame: () => void = () => {};

  /** `known` are addresses from before. */
  constructor(stopped: AbortSignal, changed: () => void, known: Addresses = new Map()) {
    this.#stopped = stopped;
    this.#changed = changed;
    this.#addresses = known;
  }

  /** By name; a name that was not answered yet is absent. */
  get addresses(): Addresses {
    return this.#addresses;
  }

  /** Resolves when every name has been answered or given up on once. */
  resolved(): Promise<void> {
    return new Promise((resolve) => {
      this.#allCame = resolve;
      this.#tellWhenAllCame();
    });
  }

  /** Follows exactly these names, asking these servers (none: those of this machine); false when it does so already. */
  follow(names: readonly string[], servers: readonly string[]): boolean {
    if (this.#lookup === undefined || servers.join(" ") !== this.#servers) {
      this.#servers = servers.join(" ");
      const client = dnsClient(servers);
      this.#lookup = withSrv(client, systemLookup(client));
      for (const name of this.#following.keys()) this.#end(name);
    }
    const gone = [...this.#following.keys()].filter((name) => !names.includes(name));
    for (const name of gone) this.#end(name);
    this.#addresses = new Map([...this.#addresses].filter(([name]) => names.includes(name)));
    const fresh = names.filter((name) => !this.#following.has(name));
    for (const name of fresh) void this.#watch(name, this.#lookup);
    return fresh.length > 0;
  }

  #end(name: string): void {
    this.#following.get(name)?.abort();
    this.#following.delete(name);
  }

  async #watch(name: string, lookup: Lookup): Promise<void> {
    const ending = new AbortController();
    this.#following.set(name, ending);
    const source = dnsSource([name], { lookup, known: this.#addresses });
    for await (const found of source.watch(AbortSignal.any([this.#stopped, ending.signal]))) {
      this.#addresses = new Map([...this.#addresses, ...found]);
      this.#tellWhenAllCame();
      this.#changed();
    }
  }

  #tellWhenAllCame(): void {
    if ([...this.#following.keys()].every((name) => this.#addresses.has(name))) this.#allCame();
  }
}
