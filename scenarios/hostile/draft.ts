// A request as its parts, before anything is wrong with it: what a mutation changes, and how it is written.

export interface Draft {
  /** For the names of the cases. */
  name: string;
  method: string;
  target: string;
  version: string;
  host: readonly string[];
  /** Field lines that are neither Host nor framing, without line ends. */
  lines: readonly string[];
  framing: readonly string[];
  kind: "none" | "length" | "chunked";
  /** As it is on the wire, chunks included. */
  body: string;
}

/** Where the lines that a mutation adds stand. */
export type Place = "first" | "last";

/** As latin1 text, with a line that names the case. */
export function writeDraft(draft: Draft, extra: readonly string[], place: Place): string {
  const { method, target, version, host, lines, framing, body } = draft;
  const own = [...host, ...lines, ...framing];
  const all = place === "first" ? [...extra, ...own] : [...own, ...extra];
  return `${method} ${target} ${version}\r\n${all.map((line) => `${line}\r\n`).join("")}\r\n${body}`;
}

/** A body that is a request itself: who reads the framing in another way answers it. */
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a.example\r\nX-Case: smuggled\r\n\r\n";

const plain: Draft = {
  name: "GET",
  method: "GET",
  target: "/a?b=c",
  version: "HTTP/1.1",
  host: ["Host: a.example"],
  lines: ["Accept: */*", "X-Mixed_Name: 1, 2"],
  framing: [],
  kind: "none",
  body: "",
};

export function lengthOf(body: string): string {
  return `Content-Length: ${body.length}`;
}

/** Valid requests, each of another shape. */
export const neighbours: readonly Draft[] = [
  plain,
  { ...plain, name: "GET with many fields", lines: manyLines(60) },
  withLength({ ...plain, name: "POST", method: "POST" }, "hello"),
  withLength({ ...plain, name: "PUT with a request inside", method: "PUT" }, smuggled),
  withLength({ ...plain, name: "DELETE with a body", method: "DELETE" }, "hello"),
  { ...plain, name: "POST without a body", method: "POST", framing: ["Content-Length: 0"] },
  withChunks({ ...plain, name: "POST in chunks", method: "POST" }, ["hello"]),
  withChunks({ ...plain, name: "PATCH in chunks with a request inside", method: "PATCH" }, [
    smuggled,
    "0",
    "\r\n\r\n",
  ]),
  {
    ...plain,
    name: "OPTIONS",
    method: "OPTIONS",
    lines: ["Connection: keep-alive, x-hop", "X-Hop: 1"],
  },
];

function withLength(draft: Draft, body: string): Draft {
  return { ...draft, framing: [lengthOf(body)], kind: "length", body };
}

function withChunks(draft: Draft, chunks: readonly string[]): Draft {
  const written = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  const body = `${written.join("")}0\r\n\r\n`;
  return { ...draft, framing: ["Transfer-Encoding: chunked"], kind: "chunked", body };
}

function manyLines(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `X-Field-${index}: ${"v".repeat(index)}`);
}
