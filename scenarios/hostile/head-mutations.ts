// Rules about lines, names, values, targets and Host: H1-06 to H1-11, H1-15, H1-17, H1-19 and H1-25.
import { each, hasLength, hasNoBody, type Mutation } from "./mutation.ts";

const lineEnds: Mutation[] = [
  refusedText("a line feed ends the request line", (text) => text.replace("\r\n", "\n")),
  refusedText("a carriage return ends the request line", (text) => text.replace("\r\n", "\r")),
  refusedText("a line feed ends the first field", (text) => nth(text, 2, "\n")),
  refusedText("a carriage return ends the first field", (text) => nth(text, 2, "\r")),
  refusedText("two carriage returns end the first field", (text) => nth(text, 2, "\r\r\n")),
  refusedText("a line feed ends the head", (text) => text.replace("\r\n\r\n", "\r\n\n")),
  refusedText("line feeds end the head", (text) => text.replace("\r\n\r\n", "\n\n")),
  refusedText("two empty lines first", (text) => `\r\n\r\n${text}`),
  refusedText("a line feed first", (text) => `\n${text}`),
  refusedText("a carriage return first", (text) => `\r${text}`),
  refusedText("a space first", (text) => ` ${text}`),
  {
    rule: "H1-06",
    name: "an empty line first",
    expect: "accepted",
    rewrite: (text) => `\r\n${text}`,
  },
];

const names: Mutation[] = [
  ...each(
    [
      "X Name: a",
      "X-Name : a",
      "X-Name\t: a",
      " X-Name: a",
      "\tX-Name: a",
      ": a",
      "X-Name",
      "X\u0000Name: a",
      "X\u007fName: a",
      "X(Name: a",
      "X[Name]: a",
      "X{Name}: a",
      "X/Name: a",
      "X@Name: a",
      "X,Name: a",
      "X;Name: a",
      "X=Name: a",
      'X"Name": a',
      "X\\Name: a",
      "X\u00e9: a",
      "X-Name: one\r\n two",
      "X-Name: one\r\n\ttwo",
      "X-Name:\r\n one",
    ],
    (line) => ({ rule: "H1-07", about: "the line", expect: "refused", lines: [line] }),
  ),
  ...each(["X!#$%&'*+-.^_`|~9: a", "x: a", "X-Name:a", "X-Name:", "X-Name:   "], (line) => ({
    rule: "H1-07",
    about: "the line",
    expect: "accepted",
    lines: [line],
  })),
  {
    rule: "H1-07",
    name: "a folded line in place of the first",
    expect: "refused",
    rewrite: (text) => text.replace("\r\n", "\r\n folded: 1\r\n"),
  },
];

const controls = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code));
const values: Mutation[] = [
  ...each([...controls.filter((text) => text !== "\t" && text !== "\n"), "\u007f"], (text) => ({
    rule: "H1-08",
    about: "a value with",
    expect: "refused",
    lines: [`X-Name: a${text}b`],
  })),
  ...each(["\t", " ", "\u0080", "\u00ff", '"', "\\", "a: b", "\u00e9\u00e8"], (text) => ({
    rule: "H1-08",
    about: "a value with",
    expect: "accepted",
    lines: [`X-Name: a${text}b`],
  })),
];

const requestLines: Mutation[] = [
  ...each(
    ["G@T", "GE T", "GE\tT", "G\u0000T", "G\u00c9T", "GET:", "(GET)", "M".repeat(33), ""],
    (method) => ({
      rule: "H1-09",
      about: "the method",
      expect: "refused",
      change: () => ({ method }),
    }),
  ),
  ...each(["get", "M-SEARCH", "M".repeat(32), "PROPFIND"], (method) => ({
    rule: "H1-09",
    about: "the method",
    expect: "accepted",
    change: () => ({ method }),
  })),
  ...each(
    [
      "HTTP/1.2",
      "HTTP/2.0",
      "HTTP/0.9",
      "HTTP/9.9",
      "http/1.1",
      "Http/1.1",
      "HTTP/1.10",
      "HTTP/01.1",
      "HTTP/1,1",
      "HTTP/1",
      "HTTP /1.1",
      "HTTP/1.1 ",
      " HTTP/1.1",
      "\tHTTP/1.1",
      "HTTP/+1.1",
      "HTTPS/1.1",
      "ICY/1.1",
      "HTTP/1.1\u0000",
      "",
    ],
    (version) => ({
      rule: "H1-09",
      about: "the version",
      expect: "refused",
      change: () => ({ version }),
    }),
  ),
  refusedText("no version at all", (text) => text.replace(" HTTP/1.1\r\n", "\r\n"), "H1-09"),
  refusedText("two spaces", (text) => text.replace(" ", "  "), "H1-09"),
  refusedText("a tab for a space", (text) => text.replace(" ", "\t"), "H1-09"),
];

const targets: Mutation[] = [
  ...each(
    [
      "a",
      "a.example:80",
      "*",
      "/a#b",
      "/a\u0080",
      "/a\u00ff",
      "/a\u0000",
      "/a\u001f",
      "/a\u007f",
      "/a b",
      "?a",
      "http://",
      "http:///a",
      "http:/a",
      "http://other.example/",
      "http://u@a.example/",
      "http://u:p@a.example/",
      "http://a.example:99999/",
      "http://a.example:x/",
      "http://a,b/",
      "ftp://a.example/",
      "https//a.example/",
      "javascript:0",
    ],
    (target) => ({
      rule: "H1-10",
      about: "the target",
      expect: "refused",
      change: () => ({ target }),
      fits: ({ method }) => target !== "*" || method !== "OPTIONS",
    }),
  ),
  ...each(
    ["/", "//a.example/b", "/?", "/a?b#".slice(0, 4), "/a;b=c", "/a?x=/../y", "/!$&'()*+,;=:@-._~"],
    (target) => ({
      rule: "H1-10",
      about: "the target",
      expect: "accepted",
      change: () => ({ target }),
    }),
  ),
  ...each(
    ["http://a.example/a", "HTTP://a.example/a", "http://a.example", "http://A.EXAMPLE/a"],
    (target) => ({
      rule: "H1-10",
      about: "the target",
      expect: "accepted",
      change: () => ({ target }),
    }),
  ),
  // Paths are made canonical, or refused, by the rules for paths.
  ...each(
    [
      "/%41",
      "/%2e%2e/a",
      "/a/../b",
      "/a/./b",
      "/%zz",
      "/%",
      "/%00",
      "/a%2fb",
      "/a\\b",
      "/a%5cb",
      "/..",
      "/{a}",
      '/"a"',
      "/<a>",
      "/a|b",
      "/^`",
    ],
    (target) => ({
      rule: "H1-10",
      about: "the path",
      expect: "either",
      change: () => ({ target }),
    }),
  ),
];

const hosts: Mutation[] = [
  ...each(
    [
      "",
      "a.example,b.example",
      "a.example b.example",
      "a.example/b",
      "a.example?b",
      "a.example#b",
      "u@a.example",
      "u:p@a.example",
      "a.example:x",
      "a.example:99999",
      "a.example:-1",
      "a.example:80:80",
      "[::1",
      "::1",
      "[::g]",
      "[]",
      "a\tb",
      "\u00e9.example",
      "a\u0000",
      "a\\b",
      "<a>",
      ":80",
    ],
    (host) => ({
      rule: "H1-11",
      about: "the host",
      expect: "refused",
      change: () => ({ host: [`Host: ${host}`] }),
    }),
  ),
  ...each(
    ["a.example", "A.Example", "a.example:80", "[::1]", "[::1]:80", "127.0.0.1", "a_b"],
    (host) => ({
      rule: "H1-11",
      about: "the host",
      expect: "accepted",
      change: () => ({ host: [`host:${host}`] }),
    }),
  ),
  ...each(["Host: a.example", "Host: b.example", "host:", "HOST: a.example"], (line) => ({
    rule: "H1-11",
    about: "a second line",
    expect: "refused",
    lines: [line],
  })),
  { rule: "H1-11", name: "no host", expect: "refused", change: () => ({ host: [] }) },
];

const options: Mutation[] = [
  ...each(["Host", "content-length", "close, host", "Authorization"], (name) => ({
    rule: "H1-15",
    about: "a connection that names",
    expect: "refused",
    lines: [`Connection: ${name}`],
  })),
  ...each(
    [
      "Connection: x-mine\r\nX-Mine: 1",
      "Keep-Alive: timeout=5",
      "Proxy-Connection: keep-alive",
      "Proxy-Authorization: Basic eDp5",
      "TE: trailers",
      "TE: gzip;q=0.5, trailers",
      "Connection: ,,keep-alive,",
      "Connection: \r\nX-Name: 1",
      "Connection: transfer-encoding",
    ],
    (line) => ({
      rule: "H1-15",
      about: "the line",
      expect: "accepted",
      lines: [line],
    }),
  ),
  ...each(
    ["miracles", "100-continue, 100-continue", "", "100 continue", "101-continue"],
    (value) => ({
      rule: "H1-17",
      about: "the expectation",
      expect: "refused",
      lines: [`Expect: ${value}`],
    }),
  ),
  ...each(["100-continue", "100-Continue"], (value) => ({
    rule: "H1-17",
    about: "the expectation",
    expect: "accepted",
    lines: [`Expect: ${value}`],
    fits: hasLength,
  })),
  {
    rule: "H1-19",
    name: "an upgrade to h2c",
    expect: "accepted",
    lines: [
      "Connection: upgrade, http2-settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
    ],
    fits: hasNoBody,
  },
  ...each(
    [
      "content_length: 5",
      "Content_Length: 5",
      "transfer_encoding: chunked",
      "Transfer_Encoding: chunked",
      "x_forwarded_client_cert: a",
      "X-Forwarded_Client-Cert: a",
    ],
    (line) => ({ rule: "H1-25", about: "the line", expect: "refused", lines: [line] }),
  ),
];

export const headMutations: readonly Mutation[] = [
  ...lineEnds,
  ...names,
  ...values,
  ...requestLines,
  ...targets,
  ...hosts,
  ...options,
];

function refusedText(name: string, rewrite: (text: string) => string, rule = "H1-06"): Mutation {
  return { rule, name, expect: "refused", rewrite };
}

/** The `count`th line end replaced. */
function nth(text: string, count: number, end: string): string {
  const lines = text.split("\r\n");
  return [lines.slice(0, count).join("\r\n"), lines.slice(count).join("\r\n")].join(end);
}
