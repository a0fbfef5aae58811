// Follows DNS names: asks again when the answer has expired, keeps the last good answer when asking fails. One loop per
// name, so that a slow name holds up no other and no name is asked for twice at a time.
import { type Clock, systemClock } from "../lib/clock.ts";
import { Latest } from "../lib/latest.ts";
import { type Lookup, systemLookup } from "./dns-lookup.ts";
import type { Addresses, Source } from "./source.ts";

export interface DnsOptions {
  lookup?: Lookup;
  /** What is known from before, and stays until another answer comes. */
  known?: Addresses;
  clock?: Clock;
  /** Numbers in [0, 1). */
  random?: () => number;
}

/** Yields when every name has been answered or given up on once, and then after each change. */
export function dnsSource(names: readonly string[], options: DnsOptions = {}): Source {
  const { lookup = systemLookup(), clock = systemClock, random = Math.random } = options;
  const { known = new Map() } = options;
  return {
    async *watch(signal) {
      const changes = new Latest<Addresses>();
      const addresses = new Map<string, readonly string[]>();
      if (names.length === 0) changes.put(addresses);
      const publish = (name: string, found: readonly string[]): void => {
        if (same(addresses.get(name), found)) return;
        addresses.set(name, found);
        if (names.every((each) => addresses.has(each))) changes.put(new Map(addresses));
      };
      // Ends the loops when the reader stops without aborting.
      const ended = new AbortController();
      const either = AbortSignal.any([signal, ended.signal]);
      for (const name of new Set(names)) {
        void follow(name, publish, { lookup, known, clock, random, signal: either });
      }
      try {
        yield* changes.values(signal);
      } finally {
        ended.abort();
      }
    },
  };
}

interface Surroundings {
  lookup: Lookup;
  known: Addresses;
  clock: Clock;
  random: () => number;
  signal: AbortSignal;
}

/** Asks for one name for ever. */
async function follow(
  name: string,
  publish: (name: string, addresses: readonly string[]) => void,
  { lookup, known, clock, random, signal }: Surroundings,
): Promise<void> {
  let lastGood = known.get(name) ?? [];
  let failureCount = 0;
  while (!signal.aborted) {
    const { addresses, ttlMs } = await lookup(name).catch(() => nothing);
    if (signal.aborted) return;
    failureCount = addresses.length > 0 ? 0 : failureCount + 1;
    if (addresses.length > 0) lastGood = [...new Set(addresses)].sort();
    publish(name, lastGood);
    const waitMs = failureCount === 0 ? expiryMs(ttlMs) : retryMs(failureCount);
    await clock.sleep(waitMs * (1 + jitter * random()), signal);
  }
}

function expiryMs(ttlMs: number): number {
  return Math.min(Math.max(ttlMs, ttlMsMin), ttlMsMax);
}

/** Doubles with each failure in a row. */
function retryMs(failureCount: number): number {
  return Math.min(ttlMsMin * 2 ** (failureCount - 1), retryMsMax);
}

function same(before: readonly string[] | undefined, after: readonly string[]): boolean {
  return (
    before?.length === after.length && before.every((address, index) => address === after[index])
  );
}

const nothing = { addresses: [], ttlMs: 0 };
/** Many zones answer with a TTL of 0; asking more often than this would burden the server. */
const ttlMsMin = 5_000;
/** A name that was moved by mistake has to come back within the hour, whatever its TTL. */
const ttlMsMax = 3_600_000;
const retryMsMax = 60_000;
/** Up to this share is added to every wait, so that processes started together do not ask together. */
const jitter = 0.1;
