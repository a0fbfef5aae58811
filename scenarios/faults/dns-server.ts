// A DNS server of a test's own (RFC 1035), over UDP and TCP on one port of loopback: it answers A and SRV questions as
// each name is told to and writes down when it was asked.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Test } from "tap";

/** What a name answers with; to a question of another type with no record. */
export type DnsAnswer =
  | { srv: readonly { priority: number; weight: number; port: number; target: string }[] }
  | { addresses: readonly string[]; ttl: number }
  | { code: "SERVFAIL" | "NXDOMAIN" }
  | { silence: true }
  /** Sends what this makes of the right answer. */
  | { hostile: (answer: Buffer) => Buffer; addresses: readonly string[]; ttl: number };

export interface DnsServer {
  readonly port: number;
  readonly answers: Map<string, DnsAnswer>;
  /** When each name was asked for its A records; times are those of `performance.now`. */
  readonly asked: { name: string; atMs: number }[];
}

export async function startDnsServer(t: Test, port: number): Promise<DnsServer> {
  const answers = new Map<string, DnsAnswer>();
  const asked: DnsServer["asked"] = [];
  const reply = (query: Buffer): Buffer | undefined => {
    const { name, type } = questionOf(query);
    if (type === TYPE_A) asked.push({ name, atMs: performance.now() });
    return answerTo(query, type, answers.get(name) ?? { code: "NXDOMAIN" });
  };
  const udp = createSocket("udp4");
  udp.on("message", (query, from) => {
    const answer = reply(query);
    if (answer !== undefined) udp.send(shortened(answer), from.port, from.address);
  });
  udp.bind(port, "127.0.0.1");
  await once(udp, "listening");
  const tcp = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      const answer = reply(bytes.subarray(LENGTH_BYTES));
      if (answer === undefined) return;
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    });
  });
  tcp.listen(port, "127.0.0.1");
  await once(tcp, "listening");
  t.teardown(() => {
    udp.close();
    tcp.close();
  });
  return { port, answers, asked };
}

function answerTo(query: Buffer, type: number, answer: DnsAnswer): Buffer | undefined {
  if ("silence" in answer) return undefined;
  const code = "code" in answer ? CODES[answer.code] : 0;
  const records = recordsFor(type, answer);
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, FLAGS_AT);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, ANSWER_COUNT_AT);
  const whole = Buffer.concat([header, questionOf(query).bytes, ...records]);
  return "hostile" in answer && records.length > 0 ? answer.hostile(whole) : whole;
}

function recordsFor(type: number, answer: DnsAnswer): Buffer[] {
  if (type === TYPE_A && "addresses" in answer) {
    const { addresses, ttl } = answer;
    const data = addresses.map((address) => Buffer.from(address.split(".").map(Number)));
    return data.map((bytes) => recordOf(TYPE_A, ttl, bytes));
  }
  if (type !== TYPE_SRV || !("srv" in answer)) return [];
  return answer.srv.map(({ priority, weight, port, target }) => {
    const numbers = Buffer.alloc(6);
    [priority, weight, port].forEach((number, index) => numbers.writeUInt16BE(number, 2 * index));
    const labels = target
      .split(".")
      .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
    return recordOf(TYPE_SRV, 0, Buffer.concat([numbers, ...labels, Buffer.alloc(1)]));
  });
}

/** A record of the name in the question. */
function recordOf(type: number, ttl: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function questionOf(query: Buffer): { name: string; type: number; bytes: Buffer } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const bytes = query.subarray(HEADER_BYTES, at + 5);
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), bytes };
}

/** What does not fit a datagram is asked for again over TCP (RFC 1035 section 4.2.1). */
function shortened(answer: Buffer): Buffer {
  if (answer.length <= DATAGRAM_BYTES_MAX) return answer;
  const end = HEADER_BYTES + questionOf(answer).bytes.length;
  return changed(answer.subarray(0, end), (copy) => {
    copy.writeUInt16BE(0x8380, FLAGS_AT);
    copy.writeUInt16BE(0, ANSWER_COUNT_AT);
  });
}

function changed(bytes: Buffer, change: (copy: Buffer) => unknown): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

const TYPE_A = 1;
const TYPE_SRV = 33;
const CODES = { SERVFAIL: 2, NXDOMAIN: 3 };
const HEADER_BYTES = 12;
const FLAGS_AT = 2;
const ANSWER_COUNT_AT = 6;
const LENGTH_BYTES = 2;
const DATAGRAM_BYTES_MAX = 512;

/** Ways to break an answer; a resolver has to survive each and believe none. */
const hostilities: Readonly<Record<string, (answer: Buffer) => Buffer>> = {
  "random-bytes": (answer) => Buffer.from(answer.map((byte, index) => (byte * 31 + index) & 0xff)),
  "another-id": (answer) => changed(answer, (copy) => copy.writeUInt16BE(copy[0] ? 7 : 9)),
  "another-question": (answer) => changed(answer, (copy) => (copy[HEADER_BYTES + 1] = 0x7a)),
  "a-cut-record": (answer) => answer.subarray(0, answer.length - 2),
  "more-records-than-there-are": (answer) =>
    changed(answer, (copy) => copy.writeUInt16BE(0xffff, ANSWER_COUNT_AT)),
  "a-name-that-points-to-itself": (answer) =>
    changed(answer, (copy) => copy.writeUInt16BE(0xc000 | HEADER_BYTES, HEADER_BYTES)),
  "an-address-of-three-bytes": (answer) =>
    changed(answer, (copy) => copy.writeUInt16BE(3, answer.length - 6)),
};

/** Every way in which a name can fail, with a name for it. */
export const dnsFaults: Readonly<Record<string, DnsAnswer>> = {
  nxdomain: { code: "NXDOMAIN" },
  servfail: { code: "SERVFAIL" },
  timeout: { silence: true },
  empty: { addresses: [], ttl: 0 },
  ...Object.fromEntries(
    Object.entries(hostilities).map(([name, hostile]) => [
      name,
      { hostile, addresses: ["127.0.0.3"], ttl: 0 },
    ]),
  ),
};
