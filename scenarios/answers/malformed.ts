// Requests that break a rule of RFC 9112 or 9110, with the answer that each gets. After each the connection closes.

export interface Malformed {
  /** What is wrong, as a sentence. */
  name: string;
  request: string;
  status: number;
  /** `details` of `Proxy-Status`: the rule. */
  details: string;
}

export const malformed: readonly Malformed[] = [
  {
    name: "a length and chunks at once",
    request: post("Content-Length: 3\r\nTransfer-Encoding: chunked"),
    status: 400,
    details: "framing_conflict",
  },
  {
    name: "two lengths",
    request: post("Content-Length: 3\r\nContent-Length: 3"),
    status: 400,
    details: "content_length",
  },
  {
    name: "a length with a sign",
    request: post("Content-Length: +3"),
    status: 400,
    details: "content_length",
  },
  {
    name: "a coding behind chunked",
    request: post("Transfer-Encoding: chunked, identity"),
    status: 400,
    details: "transfer_encoding",
  },
  {
    name: "an unknown coding",
    request: post("Transfer-Encoding: br"),
    status: 501,
    details: "transfer_coding_unknown",
  },
  {
    name: "a chunk size with a prefix",
    request: `${post("Transfer-Encoding: chunked")}0x3\r\nabc\r\n`,
    status: 400,
    details: "chunk_size",
  },
  {
    name: "a line without carriage return",
    request: "GET / HTTP/1.1\nHost: x\n\n",
    status: 400,
    details: "line_ending",
  },
  {
    name: "white space before the colon",
    request: get("X-Name : value"),
    status: 400,
    details: "field_name",
  },
  {
    name: "a folded line",
    request: get("X-Name: one\r\n two"),
    status: 400,
    details: "field_name",
  },
  {
    name: "a control character in a value",
    request: get("X-Name: a\u0001b"),
    status: 400,
    details: "field_value",
  },
  {
    name: "a look-alike of a framing field",
    request: get("Content_Length: 3"),
    status: 400,
    details: "field_lookalike",
  },
  { name: "no host", request: "GET / HTTP/1.1\r\n\r\n", status: 400, details: "host" },
  { name: "two hosts", request: get("Host: y"), status: 400, details: "host" },
  {
    name: "another host in the target",
    request: "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n",
    status: 400,
    details: "host",
  },
  {
    name: "a space in the target",
    request: "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    status: 400,
    details: "version",
  },
  {
    name: "a fragment in the target",
    request: "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
    status: 400,
    details: "target",
  },
  {
    name: "a path that climbs above its root",
    request: "GET /a/%2e%2e/../b HTTP/1.1\r\nHost: x\r\n\r\n",
    status: 400,
    details: "path",
  },
  {
    name: "a backslash in the path",
    request: "GET /a\\b HTTP/1.1\r\nHost: x\r\n\r\n",
    status: 400,
    details: "path",
  },
  {
    name: "a version that does not exist",
    request: "GET / HTTP/1.9\r\nHost: x\r\n\r\n",
    status: 505,
    details: "version_unsupported",
  },
  {
    name: "the method CONNECT",
    request: "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n",
    status: 405,
    details: "method_refused",
  },
  {
    name: "the method TRACE",
    request: "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
    status: 405,
    details: "method_refused",
  },
  {
    name: "an expectation that nobody knows",
    request: get("Expect: miracles"),
    status: 417,
    details: "expect",
  },
  {
    name: "a target that is too long",
    request: `GET /${"a".repeat(9_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    status: 414,
    details: "target_too_long",
  },
  {
    name: "a head that is too large",
    request: get(`X-Name: ${"a".repeat(70_000)}`),
    status: 431,
    details: "head_too_large",
  },
];

function get(fields: string): string {
  return `GET / HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n`;
}

function post(fields: string): string {
  return `POST / HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n`;
}
