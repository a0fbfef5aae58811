// Where endpoints come from. Every source is followed in the same way; the compiler sees names and addresses only.

export { type DnsOptions, dnsSource } from "./dns.ts";
export { type Lookup, type Resolved, dnsClient, systemLookup, withSrv } from "./dns-lookup.ts";
export type { Addresses, Source } from "./source.ts";
export { staticSource } from "./static.ts";
export { type WatchSeams, watchFiles } from "./watch-files.ts";
