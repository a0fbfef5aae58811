// One question to the resolver: A and AAAA records with their time to live, and what only this host knows
// (/etc/hosts) where DNS has no answer.
import { Resolver, lookup as lookupOnHost } from "node:dns/promises";
import { formatSrvRecord, srvScheme } from "../lib/srv.ts";

export interface Resolved {
  addresses: readonly string[];
  /** Time to live of the record that expires first. */
  ttlMs: number;
}

/** Rejects, or answers with no addresses, when the name cannot be resolved. */
export type Lookup = (name: string) => Promise<Resolved>;

/** The parts of `node:dns/promises` that are asked. */
export interface DnsClient {
  resolve4(name: string, options: { ttl: true }): Promise<Answer[]>;
  resolve6(name: string, options: { ttl: true }): Promise<Answer[]>;
  resolveSrv(
    name: string,
  ): Promise<{ name: string; port: number; priority: number; weight: number }[]>;
  lookup(name: string, options: { all: true }): Promise<{ address: string; family: number }[]>;
}

export interface Answer {
  address: string;
  ttl: number;
}

/** Asks the resolvers of this machine, or those that `dnsClient` was given. */
export function systemLookup(client: DnsClient = dnsClient()): Lookup {
  // The addresses of the family that failed are remembered: a lost answer is no withdrawal.
  const lastGood = new Map<string, Answer[]>();
  const ask = async (key: string, question: () => Promise<Answer[]>): Promise<Answer[]> => {
    try {
      const answers = await question();
      lastGood.set(key, answers);
      return answers;
    } catch (error) {
      if (isEmptyAnswer(error)) lastGood.delete(key);
      // Without a time to live, so that the question is put again soon.
      return (lastGood.get(key) ?? []).map(({ address }) => ({ address, ttl: 0 }));
    }
  };
  return async (name) => {
    if (isLocal(name)) return onHost(client, name);
    const families = await Promise.all([
      ask(`A ${name}`, () => client.resolve4(name, { ttl: true })),
      ask(`AAAA ${name}`, () => client.resolve6(name, { ttl: true })),
    ]);
    const answers = families.flat();
    if (answers.length === 0) return onHost(client, name);
    const ttlMs = Math.min(...answers.map(({ ttl }) => ttl)) * 1_000;
    return { addresses: answers.map(({ address }) => address), ttlMs };
  };
}

/** The same for SRV records (`srv:NAME`), whose answer is their data in the form of a zone file. */
export function withSrv(client: DnsClient, others: Lookup): Lookup {
  return async (name) => {
    if (!name.startsWith(srvScheme)) return others(name);
    const records = await client.resolveSrv(name.slice(srvScheme.length));
    // A record that names the root says that there is no such service.
    const usable = records.filter((record) => record.name !== "" && record.name !== ".");
    const written = usable.map(({ name: target, ...rest }) =>
      formatSrvRecord({ ...rest, target: target.toLowerCase().replace(/\.$/, "") }),
    );
    return { addresses: written.sort().slice(0, srvRecordCountMax), ttlMs: srvTtlMs };
  };
}

/** Names of this host mostly stand for one program under two families; IPv4 is what most of them listen on. */
async function onHost(client: DnsClient, name: string): Promise<Resolved> {
  const found = await client.lookup(name, { all: true });
  const four = found.filter(({ family }) => family === 4);
  const usable = four.length > 0 ? four : found;
  return { addresses: usable.map(({ address }) => address), ttlMs: 0 };
}

/** RFC 6761 section 6.3: such a name is loopback and no business of a DNS server. */
function isLocal(name: string): boolean {
  return /(^|\.)localhost\.?$/i.test(name);
}

/** The server said that there is no such record, as opposed to saying nothing. */
function isEmptyAnswer(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    ["ENODATA", "ENOTFOUND"].includes(String(error.code))
  );
}

/** `servers`: `ip:port`; none for those of this machine. */
export function dnsClient(servers: readonly string[] = []): DnsClient {
  const resolver = new Resolver({ timeout: questionTimeoutMs, tries: questionCount });
  if (servers.length > 0) resolver.setServers(servers);
  return {
    resolve4: (name, options) => resolver.resolve4(name, options),
    resolve6: (name, options) => resolver.resolve6(name, options),
    resolveSrv: (name) => resolver.resolveSrv(name),
    lookup: (name, options) => lookupOnHost(name, options),
  };
}

/** Their time to live is not to be had from Node's resolver; most programs that publish them use this one or less. */
const srvTtlMs = 30_000;
/** Each is a name to follow; more are left out. */
const srvRecordCountMax = 1_000;
const questionTimeoutMs = 2_000;
const questionCount = 2;
