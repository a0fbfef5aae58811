// Reads one request in the canonical form that the proxy writes: the reference that other parsers are held against.
import type { Field } from "../ledger/record.ts";

export interface Message {
  method: string;
  target: string;
  fields: Field[];
  body: string;
}

export type Reading =
  | { kind: "partial" }
  | { kind: "whole"; message: Message; bytes: number }
  /** No canonical form: the proxy has written what it must not write. */
  | { kind: "broken"; why: string };

/** Of latin1 text. */
export function readMessage(text: string): Reading {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return { kind: "partial" };
  const [line = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  const [, method, target] = /^([^\s:]+) ([\x21-\x7e]+) HTTP\/1\.1$/.exec(line) ?? [];
  if (method === undefined || target === undefined) return broken(`the request line ${line}`);
  const bad = lines.find((each) => !CANONICAL_LINE.test(each));
  if (bad !== undefined) return broken(`the line ${JSON.stringify(bad)}`);
  const fields = lines.map((each): Field => {
    const colon = each.indexOf(":");
    return [
      each.slice(0, colon).toLowerCase(),
      each.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, ""),
    ];
  });
  const valuesOf = (name: string): string[] =>
    fields.filter(([each]) => each === name).map(([, value]) => value);
  const [lengths, codings] = [valuesOf("content-length"), valuesOf("transfer-encoding")];
  if (valuesOf("host").length !== 1) return broken("not one host");
  if (lengths.length + codings.length > 1) return broken("two framings");
  const rest = text.slice(headEnd + 4);
  const body = codings.length === 1 ? chunkedBody(rest) : lengthBody(rest, lengths[0] ?? "0");
  if (body === undefined) return { kind: "partial" };
  if (typeof body === "string") return broken(body);
  const message = { method, target, fields, body: body.content };
  return { kind: "whole", message, bytes: headEnd + 4 + body.bytes };
}

interface Body {
  content: string;
  bytes: number;
}

function lengthBody(rest: string, length: string): Body | string | undefined {
  if (!/^\d{1,15}$/.test(length)) return `the length ${length}`;
  const bytes = Number(length);
  return rest.length < bytes ? undefined : { content: rest.slice(0, bytes), bytes };
}

function chunkedBody(rest: string): Body | string | undefined {
  let content = "";
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const line = rest.slice(at, lineEnd);
    if (!/^[0-9a-fA-F]{1,16}$/.test(line)) return `the chunk size ${JSON.stringify(line)}`;
    const size = Number.parseInt(line, 16);
    const data = lineEnd + 2;
    if (size === 0) {
      const end = rest.startsWith("\r\n", data) ? data : rest.indexOf("\r\n\r\n", data) + 2;
      return end < data ? undefined : { content, bytes: end + 2 };
    }
    if (rest.length < data + size + 2) return undefined;
    if (!rest.startsWith("\r\n", data + size)) return "the end of a chunk";
    content += rest.slice(data, data + size);
    at = data + size + 2;
  }
}

function broken(why: string): Reading {
  return { kind: "broken", why };
}

const CANONICAL_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;
