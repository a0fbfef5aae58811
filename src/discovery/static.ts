// Addresses that are known and stay: yields them once.
import type { Addresses, Source } from "./source.ts";

export function staticSource(addresses: Addresses): Source {
  return {
    // oxlint-disable-next-line require-await -- the interface is asynchronous, this source is not
    async *watch(signal) {
      if (!signal.aborted) yield addresses;
    },
  };
}
