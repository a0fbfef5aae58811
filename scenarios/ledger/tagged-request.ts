// Requests that carry their own name: id, body hash, and what the origin shall answer.
import { randomUUID } from "node:crypto";
import { bodyOf, hashOf } from "./body.ts";
import type { Field, Sent } from "./record.ts";

export type Framing = "length" | "chunked" | "close";

export interface RequestPlan {
  method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  target?: string;
  /** Without it there is no body. */
  bodyBytes?: number;
  chunked?: boolean;
  answer?: Partial<AnswerPlan>;
  fields?: readonly Field[];
}

export interface AnswerPlan {
  bytes: number;
  framing: Framing;
  delayMs: number;
}

export interface TaggedRequest {
  record: Sent;
  /** As it is written, in one or more pieces. */
  bytes: Buffer;
}

export function taggedRequest(plan: RequestPlan): TaggedRequest {
  const id = randomUUID();
  const method = plan.method ?? (plan.bodyBytes === undefined ? "GET" : "POST");
  const target = plan.target ?? `/ledger/${id.slice(0, 8)}?a=1&a=2`;
  const body = bodyOf(id, plan.bodyBytes ?? 0);
  const fields: Field[] = [
    ["Host", "ledger.example"],
    ["X-Ledger-Id", id],
    ["X-Answer", writeAnswerPlan({ ...plainAnswer, ...plan.answer })],
    ["Accept", "text/plain"],
    ["accept", "*/*;q=0.1"],
    ["X-Empty", ""],
    ["Connection", "x-of-this-hop"],
    ["X-Of-This-Hop", "gone"],
    ...(plan.fields ?? []),
    ...framingOf(plan, body),
  ];
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const content = plan.chunked === true ? chunksOf(body) : body;
  return {
    record: { id, method, target, fields, bodyHash: hashOf(body) },
    bytes: Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n`), content]),
  };
}

export function readAnswerPlan(text: string): AnswerPlan {
  const [bytes = "0", framing = "length", delayMs = "0"] = text.split(" ");
  return { bytes: Number(bytes), framing: framing as Framing, delayMs: Number(delayMs) };
}

function writeAnswerPlan({ bytes, framing, delayMs }: AnswerPlan): string {
  return `${bytes} ${framing} ${delayMs}`;
}

function framingOf({ bodyBytes, chunked }: RequestPlan, body: Buffer): Field[] {
  if (bodyBytes === undefined) return [];
  return [
    chunked === true ? ["Transfer-Encoding", "chunked"] : ["Content-Length", `${body.length}`],
  ];
}

/** Chunks of uneven sizes, with the end. */
function chunksOf(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0, size = 1; at < body.length; at += size, size = size * 3 + 1) {
    const part = body.subarray(at, at + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

const plainAnswer: AnswerPlan = { bytes: 100, framing: "length", delayMs: 0 };
