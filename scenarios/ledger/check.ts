// Joins the records of client, origin and proxy into one verdict per invariant.
import { headerDifference } from "./header-model.ts";
import { isByProxy, valueOf, type Arrival, type RunRecord, type Sent } from "./record.ts";

export interface Verdict {
  /** As in the list of invariants. */
  id: string;
  /** What must hold, as a sentence. */
  rule: string;
  /** Empty when it held. */
  violations: string[];
}

/** Every invariant that the record can speak about. */
export function check(run: RunRecord): Verdict[] {
  const joined = join(run);
  return invariants.map(({ id, rule, find }) => ({ id, rule, violations: find(run, joined) }));
}

/** All that was violated, each with its invariant; what a test compares with nothing. */
export function violationsOf(run: RunRecord): string[] {
  return check(run).flatMap(({ id, violations }) => violations.map((text) => `${id}: ${text}`));
}

interface Joined {
  sent: ReadonlyMap<string, Sent>;
  arrivals: ReadonlyMap<string, readonly Arrival[]>;
}

interface Invariant {
  id: string;
  rule: string;
  find(run: RunRecord, joined: Joined): string[];
}

function join(run: RunRecord): Joined {
  const arrivals = new Map<string, Arrival[]>();
  for (const arrival of run.arrivals) {
    arrivals.set(arrival.id, [...(arrivals.get(arrival.id) ?? []), arrival]);
  }
  return { sent: new Map(run.sent.map((sent) => [sent.id, sent])), arrivals };
}

const invariants: readonly Invariant[] = [
  { id: "I1", rule: "a request and its response are those of one exchange", find: mixUps },
  { id: "I2", rule: "what is not idempotent is executed at most once", find: repetitions },
  { id: "I3", rule: "every request has exactly one outcome", find: missingOutcomes },
  { id: "I4", rule: "what is cut short is never taken for complete", find: cleanTruncations },
  { id: "I7", rule: "descriptors and connections return to their baseline", find: leaks },
  { id: "I8", rule: "the proxy's counters reconcile with the ledger", find: miscounts },
  { id: "I10", rule: "no error of the proxy is without a reason", find: unexplained },
  { id: "I11", rule: "the header delivered is the model of the header sent", find: headerChanges },
  { id: "I12", rule: "responses and relayed bytes keep their order", find: disorder },
];

function mixUps({ finished }: RunRecord, { sent, arrivals }: Joined): string[] {
  const answers = finished.flatMap(({ id, outcome }) => {
    if (outcome.kind !== "answered" || isByProxy(outcome.fields)) return [];
    const echo = valueOf(outcome.fields, "x-ledger-id");
    if (echo !== id) return [`request ${id} got the response to ${echo}`];
    const hash = valueOf(outcome.fields, "x-ledger-body");
    if (hash !== sent.get(id)?.bodyHash) return [`request ${id} was answered for another body`];
    return arrivals.has(id) ? [] : [`request ${id} was answered, and never arrived`];
  });
  const requests = [...arrivals.values()].flat().flatMap(({ id, method, target }) => {
    const request = sent.get(id);
    if (request?.method === method && request.target === target) return [];
    return [`${method} ${target} arrived as request ${id}`];
  });
  return [...answers, ...requests];
}

function repetitions(_: RunRecord, { arrivals }: Joined): string[] {
  return [...arrivals.values()].flatMap(([first, ...more]) =>
    first !== undefined && more.length > 0 && !IDEMPOTENT.has(first.method)
      ? [`${first.method} ${first.id} was executed ${more.length + 1} times`]
      : [],
  );
}

function missingOutcomes({ finished }: RunRecord, { sent }: Joined): string[] {
  const counts = new Map([...sent.keys()].map((id) => [id, 0]));
  for (const { id } of finished) counts.set(id, (counts.get(id) ?? 0) + 1);
  const wrong = [...counts].filter(([, count]) => count !== 1);
  const strangers = finished.filter(({ id }) => !sent.has(id));
  return [
    ...wrong.map(([id, count]) => `request ${id} has ${count} outcomes`),
    ...strangers.map(({ id }) => `request ${id} was never sent`),
  ];
}

function cleanTruncations({ finished }: RunRecord, { sent, arrivals }: Joined): string[] {
  const responses = finished.flatMap(({ id, outcome }) => {
    if (outcome.kind !== "answered" || isByProxy(outcome.fields)) return [];
    const meant = (arrivals.get(id) ?? []).map(({ answer }) => answer.bodyHash);
    return meant.includes(outcome.bodyHash) ? [] : [`the response to ${id} is not the one given`];
  });
  const requests = [...arrivals.values()].flat().flatMap(({ id, bodyHash }) => {
    const whole = bodyHash === undefined || bodyHash === sent.get(id)?.bodyHash;
    return whole ? [] : [`the body of ${id} that arrived is not the one sent`];
  });
  return [...responses, ...requests];
}

function leaks({ proxy }: RunRecord): string[] {
  if (proxy === undefined) return [];
  const { before, after } = proxy;
  const names = ["descriptors", "downstreamConnections", "upstreamConnections"] as const;
  return names
    .filter((name) => after[name] > before[name])
    .map((name) => `${name}: ${before[name]} before, ${after[name]} after`);
}

/** What a client saw whole is counted as it saw it; what it saw in part, or not, may be counted as anything, once. */
function miscounts({ proxy, finished }: RunRecord): string[] {
  if (proxy === undefined) return [];
  const seen = new Map<string, number>();
  const kinds = { answered: 0, truncated: 0, failed: 0 };
  for (const { outcome } of finished) {
    kinds[outcome.kind] += 1;
    if (outcome.kind !== "answered") continue;
    const key = countKey(outcome.status, isByProxy(outcome.fields));
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  const counted = new Map<string, number>();
  for (const { status, byProxy, count } of proxy.counts) {
    const key = countKey(status, byProxy);
    counted.set(key, (counted.get(key) ?? 0) + count);
  }
  const short = [...seen]
    .filter(([key, count]) => (counted.get(key) ?? 0) < count)
    .map(([key, count]) => `${key}: ${count} seen, ${counted.get(key) ?? 0} counted`);
  const total = [...counted.values()].reduce((sum, count) => sum + count, 0);
  const least = kinds.answered + kinds.truncated;
  if (total < least || total > least + kinds.failed)
    short.push(`${total} counted, the ledger has ${JSON.stringify(kinds)}`);
  return short;
}

function countKey(status: number, byProxy: boolean): string {
  return `${status} ${byProxy ? "of the proxy" : "of the origin"}`;
}

function unexplained({ finished }: RunRecord): string[] {
  return finished.flatMap(({ id, outcome }) => {
    if (outcome.kind !== "answered" || valueOf(outcome.fields, "x-ledger-id") !== undefined)
      return [];
    const status = valueOf(outcome.fields, "proxy-status") ?? "nothing";
    const explained = /\berror=\w+/.test(status) && /\bdetails="[^"]+"/.test(status);
    return explained ? [] : [`request ${id}: ${outcome.status} with ${status}`];
  });
}

function headerChanges({ finished }: RunRecord, { sent, arrivals }: Joined): string[] {
  const requests = [...arrivals.values()].flat().flatMap(({ id, fields }) => {
    const difference = headerDifference(sent.get(id)?.fields ?? [], fields);
    return difference === undefined ? [] : [`request ${id}: ${difference}`];
  });
  const responses = finished.flatMap(({ id, outcome }) => {
    const arrival = arrivals.get(id)?.at(-1);
    if (outcome.kind !== "answered" || isByProxy(outcome.fields) || arrival === undefined)
      return [];
    const difference = headerDifference(arrival.answer.fields, outcome.fields);
    return difference === undefined ? [] : [`response to ${id}: ${difference}`];
  });
  return [...requests, ...responses];
}

function disorder({ connections, streams }: RunRecord): string[] {
  const responses = connections.flatMap(({ sent, answered }, index) =>
    answered.some((id, at) => id !== "" && id !== sent[at])
      ? [`connection ${index}: sent ${sent.join(" ")}, answered ${answered.join(" ")}`]
      : [],
  );
  const bytes = streams.flatMap(({ name, sent, received, ended }) => {
    const prefix = received.equals(sent.subarray(0, received.length));
    if (!prefix) return [`stream ${name}: other bytes came out`];
    const short = ended && received.length < sent.length;
    return short ? [`stream ${name}: ended after ${received.length} of ${sent.length} bytes`] : [];
  });
  return [...responses, ...bytes];
}

/** RFC 9110 section 9.2.2. */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
