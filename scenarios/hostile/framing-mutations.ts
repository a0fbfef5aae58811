// Rules about how long a message is: H1-01 to H1-05, H1-12, H1-13 and H1-16.
import { lengthOf } from "./draft.ts";
import { each, hasChunks, hasLength, hasNoBody, type Mutation } from "./mutation.ts";

const conflicts = [
  ...each(["0", "5", "3", "64"], (value) => ({
    rule: "H1-01",
    about: "chunks and a length of",
    expect: "refused",
    lines: [`Content-Length: ${value}`],
    fits: hasChunks,
  })),
  ...each(["chunked", "Chunked", "identity", "gzip, chunked"], (value) => ({
    rule: "H1-01",
    about: "a length and the coding",
    expect: "refused",
    lines: [`Transfer-Encoding: ${value}`],
    fits: hasLength,
  })),
];

const codings = [
  ...each(
    [
      "gzip",
      "gzip, chunked",
      "chunked, gzip",
      "chunked, chunked",
      ",chunked",
      "chunked,",
      "chunked, ",
      "chunked;q=1",
      "",
      "identity",
      "identity, chunked",
      "xchunked",
      "chunkedx",
      "chunked x",
      '"chunked"',
      "\u000bchunked",
      "chunked\u000b",
      "\u000cchunked",
      "chunked\u0000",
      "chunked\u00a0",
      "\u00e9",
      "cow",
      "chunked\r\n ",
    ],
    (value) => ({
      rule: "H1-02",
      about: "the coding",
      expect: "refused",
      change: () => ({ framing: [`Transfer-Encoding: ${value}`] }),
      fits: hasChunks,
    }),
  ),
  ...each(["CHUNKED", "ChUnKeD", " chunked ", "\tchunked\t"], (value) => ({
    rule: "H1-02",
    about: "the coding",
    expect: "accepted",
    change: () => ({ framing: [`Transfer-Encoding:${value}`] }),
    fits: hasChunks,
  })),
  ...each(["chunked", "identity", ""], (value) => ({
    rule: "H1-02",
    about: "a second coding line",
    expect: "refused",
    lines: [`Transfer-Encoding: ${value}`],
    fits: hasChunks,
  })),
  {
    rule: "H1-02",
    name: "chunks in HTTP/1.0",
    expect: "refused",
    change: () => ({ version: "HTTP/1.0" }),
    fits: hasChunks,
  },
] satisfies Mutation[];

const lengths = [
  ...each(
    [
      "+5",
      "-5",
      "-0",
      "0x5",
      "5_0",
      "5 5",
      "",
      "5,5",
      "5, 5",
      "5;",
      "5.0",
      "5e0",
      '"5"',
      "5\u000b",
      "\u000c5",
      "\u00b5",
      "five",
      "9223372036854775808",
      "18446744073709551621",
      "99999999999999999999",
      "0000000000000000000005",
    ],
    (value) => ({
      rule: "H1-03",
      about: "the length",
      expect: "refused",
      change: () => ({ framing: [`Content-Length: ${value}`] }),
      fits: hasLength,
    }),
  ),
  ...each([" 5 ", "\t5\t", "05", "0005", "5"], (value) => ({
    rule: "H1-03",
    about: "the length",
    expect: "accepted",
    change: () => ({ framing: [`content-length:${value}`], body: "hello" }),
    fits: hasLength,
  })),
  ...each(["5", "0", "6", "05"], (value) => ({
    rule: "H1-03",
    about: "a second length of",
    expect: "refused",
    lines: [`Content-Length: ${value}`],
    fits: hasLength,
  })),
];

const chunks = [
  ...each(
    [
      "0x5",
      "5 ",
      " 5",
      "5\t",
      "+5",
      "-5",
      "5_",
      "",
      "g",
      "5g",
      "00000000000000005",
      "FFFFFFFFFFFFFFFFF",
      "FFFFFFFFFFFFFFFF",
      "8000000000000000",
      "5.0",
      "5\u0000",
      "5\u000b",
      "\u00355\r",
      "5;\u0001",
      "5;a=\rb",
      "5;a\nb",
      '5;a="b',
      "5;=b",
      `5;${"a".repeat(300)}`,
    ],
    (value) => ({
      rule: value.includes(";") ? "H1-05" : "H1-04",
      about: "the chunk size",
      expect: "refused",
      change: () => ({ body: `${value}\r\nhello\r\n0\r\n\r\n` }),
      fits: hasChunks,
    }),
  ),
  ...each(
    ["05", "0000000000000005", "5;a", "5;a=b", '5;a="b c;d"', "5;a;b;c=d"],
    (value): Omit<Mutation, "name"> & { about: string } => ({
      rule: value.includes(";") ? "H1-05" : "H1-04",
      about: "the chunk size",
      expect: "accepted",
      change: () => ({ body: `${value}\r\nhello\r\n0\r\n\r\n` }),
      fits: hasChunks,
    }),
  ),
  ...each(
    [
      "5\nhello\r\n0\r\n\r\n",
      "5\rhello\r\n0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhello\r0\r\n\r\n",
      "5\r\nhello0\r\n\r\n",
      "4\r\nhello\r\n0\r\n\r\n",
      "6\r\nhello\r\n0\r\n\r\n",
      "5\r\nhello\r\n0\n\r\n",
      "5\r\nhello\r\n0\r\n\n",
      "5\r\nhello\r\n\r\n0\r\n\r\n",
      "\r\n5\r\nhello\r\n0\r\n\r\n",
      "5\r\nhello\r\n-0\r\n\r\n",
      `${`1;${"a".repeat(200)}\r\nx\r\n`.repeat(25)}0\r\n\r\n`,
    ],
    (body) => ({
      rule: body.includes(";") ? "H1-05" : "H1-04",
      about: "the chunks",
      expect: "refused",
      change: () => ({ body }),
      fits: hasChunks,
    }),
  ),
  ...each(["A", "a", "0A"], (size) => ({
    rule: "H1-04",
    about: "a chunk of ten bytes as",
    expect: "accepted",
    change: () => ({ body: `${size}\r\n0123456789\r\n000;last\r\n\r\n` }),
    fits: hasChunks,
  })),
];

const trailers = [
  ...each(
    [
      "X-Sum : 1",
      ": 1",
      "X Sum: 1",
      " X-Sum: 1",
      "X-Sum: a\u0000",
      "X-Sum: a\rb",
      "X-Sum",
      "X-Sum: 1\n",
    ],
    (line) => ({
      rule: "H1-16",
      about: "the trailer",
      expect: "refused",
      change: () => ({ body: `5\r\nhello\r\n0\r\n${line}\r\n\r\n` }),
      fits: hasChunks,
    }),
  ),
  ...each(
    ["X-Sum: 1", "Content-Length: 3", "Transfer-Encoding: gzip", "Host: other", "Authorization: x"],
    (line) => ({
      rule: "H1-16",
      about: "the trailer",
      expect: "either",
      change: () => ({ body: `5\r\nhello\r\n0\r\n${line}\r\n\r\n` }),
      fits: hasChunks,
    }),
  ),
  {
    rule: "H1-16",
    name: "more trailers than a head may have fields",
    expect: "refused",
    change: () => ({ body: `5\r\nhello\r\n0\r\n${"X-Sum: 1\r\n".repeat(200)}\r\n` }),
    fits: hasChunks,
  },
] satisfies Mutation[];

const bodies = [
  ...each(["GET", "HEAD", "DELETE", "OPTIONS"], (method) => ({
    rule: "H1-12",
    about: "a body in HTTP/1.0 of",
    expect: "refused",
    change: () => ({ method, version: "HTTP/1.0" }),
    fits: hasLength,
  })),
  ...each(["CONNECT", "TRACE"], (method) => ({
    rule: "H1-12",
    about: "the method",
    expect: "refused",
    change: () => ({ method }),
  })),
  {
    rule: "H1-13",
    name: "bytes behind a request without framing are the next request",
    expect: "accepted",
    change: () => ({ body: "hello" }),
    fits: hasNoBody,
  },
  ...each(["GET", "OPTIONS", "REPORT"], (method) => ({
    rule: "H1-12",
    about: "a framed body of",
    expect: "accepted",
    change: () => ({ method, framing: [lengthOf("hello")], body: "hello" }),
    fits: hasLength,
  })),
] satisfies Mutation[];

export const framingMutations: readonly Mutation[] = [
  ...conflicts,
  ...codings,
  ...lengths,
  ...chunks,
  ...trailers,
  ...bodies,
];
