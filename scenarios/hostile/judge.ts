// Another parser is given a request exactly as the proxy emitted it, with a second request behind it, and says what it saw.
import { connect } from "node:net";
import { endToEnd } from "../ledger/header-model.ts";
import type { Field } from "../ledger/record.ts";
import { ResponseReader } from "../ledger/response-reader.ts";
import type { Message } from "./message.ts";

/** A server that answers each request with what it saw of it, as `Seen` in JSON. */
export interface Judge {
  name: string;
  port: number;
}

/** Everything in hexadecimal of its bytes, which every language writes alike. */
export interface Seen {
  method: string;
  target: string;
  fields: [name: string, value: string][];
  body: string;
}

export type Judgement =
  | { kind: "agrees" }
  /** It does not take what is valid: no request is smuggled past anybody. */
  | { kind: "refuses"; status: number }
  | { kind: "differs"; how: string };

export async function judge({ port }: Judge, text: string, message: Message): Promise<Judgement> {
  const canary = "GET /canary HTTP/1.1\r\nHost: canary.example\r\nConnection: close\r\n\r\n";
  const responses = await ask(port, text + canary);
  const [first, second, ...more] = responses;
  if (first === undefined) return { kind: "differs", how: "no answer" };
  // Go answers `OPTIONS *` itself, with nothing.
  if (first.status !== 200 || first.body === "") {
    const isAlone = second === undefined || targetOf(second) === "/canary";
    if (isAlone && more.length === 0) return { kind: "refuses", status: first.status };
    return { kind: "differs", how: `${first.status}, and then another answer` };
  }
  const how = difference(JSON.parse(first.body) as Seen, message);
  if (how !== undefined) return { kind: "differs", how };
  if (second === undefined || more.length > 0)
    return { kind: "differs", how: `${responses.length} requests in place of two` };
  const next = targetOf(second);
  return next === "/canary" ? { kind: "agrees" } : { kind: "differs", how: `then ${next}` };
}

function targetOf({ status, body }: Answer): string {
  return status === 200 ? plainText((JSON.parse(body) as Seen).target) : "";
}

function difference(seen: Seen, message: Message): string | undefined {
  const pairs: [string, string, string][] = [
    ["method", plainText(seen.method), message.method],
    ["target", plainText(seen.target), message.target],
    ["body", plainText(seen.body), message.body],
    ["fields", canonical(seen.fields.map(plainField)), canonical(message.fields)],
  ];
  const found = pairs.find(([, theirs, ours]) => theirs !== ours);
  return found && `${found[0]}: ${JSON.stringify(found[1])} for ${JSON.stringify(found[2])}`;
}

/** Lines of one name in their order, names in theirs; without what each hop writes for itself. */
function canonical(fields: readonly Field[]): string {
  return endToEnd(fields)
    .filter(([name]) => !OF_EACH_HOP.has(name))
    .map(([name, value]) => `${name}: ${value.replace(/^[ \t]+|[ \t]+$/g, "")}\n`)
    .sort()
    .join("");
}

function plainField([name, value]: [string, string]): Field {
  return [plainText(name), plainText(value)];
}

function plainText(hex: string): string {
  return Buffer.from(hex, "hex").toString("latin1");
}

interface Answer {
  status: number;
  body: string;
}

function ask(port: number, text: string): Promise<Answer[]> {
  return new Promise((resolve) => {
    const responses: Answer[] = [];
    const reader = new ResponseReader();
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(text, "latin1"));
    const finish = (): void => {
      const last = reader.end();
      if (last !== undefined) responses.push({ status: last.status, body: last.body.toString() });
      socket.destroy();
      resolve(responses);
    };
    socket.setTimeout(ANSWER_MS_MAX, finish);
    socket.on("data", (part: Buffer) => {
      reader.push(part);
      for (let next = reader.next(); next !== undefined; next = reader.next())
        responses.push({ status: next.status, body: next.body.toString() });
    });
    socket.once("end", finish);
    socket.once("error", finish);
  });
}

const OF_EACH_HOP = new Set([
  "via",
  "expect",
  "trailer",
  "max-forwards",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-server",
]);
const ANSWER_MS_MAX = 3_000;
