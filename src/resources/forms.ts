// The patterns of the schemas in words: what was expected and how to write it.

export interface Form {
  expected: string;
  hint: string;
}

/** The words for a pattern; every pattern of a schema has a row. */
export const forms: Readonly<Record<string, Form>> = {
  "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$": {
    expected:
      "a name of lower-case letters, digits and '-' that starts with a letter (63 characters at most)",
    hint: "use a name such as 'api' or 'api-v2'",
  },
  "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$": {
    expected: "a name of lower-case letters, digits and '-' (63 characters at most)",
    hint: "use a name such as 'default'",
  },
  "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$": {
    expected: "a name of lower-case letters, digits, '-' and '.' (253 characters at most)",
    hint: "use a name such as 'shop' or 'shop.example'",
  },
  "^([A-Za-z0-9]([-A-Za-z0-9_./]{0,251}[A-Za-z0-9])?)$": {
    expected: "a label of letters, digits, '-', '_', '.' and '/' (253 characters at most)",
    hint: "use a label such as 'version' or 'zone'",
  },
  "^[^\\u0000]+$": {
    expected: "the path of a file",
    hint: "write a path such as 'access.log'",
  },
  "^/[\\x21-\\x7e]*$": {
    expected: "a path that begins with / and has no spaces",
    hint: "write a path such as /health",
  },
  "^[A-Za-z0-9.:\\[\\]-]{1,255}$": {
    expected: "a host",
    hint: "write a host such as api.internal, with a port if need be",
  },
  "^[2-5][0-9]{2}(-[2-5][0-9]{2})?$": {
    expected: "a status or a range of them from 200 to 599",
    hint: 'write "204" or "200-299"',
  },
  "^1/[1-9][0-9]{0,8}$": {
    expected: "a share such as 1/100",
    hint: "write 1/N for one exchange in N, 1/1 for all",
  },
  "\\S": {
    expected: "a command",
    hint: 'write a command such as "node api.js", or remove the field',
  },
  ".": {
    expected: "a text that is not empty",
    hint: "write a value",
  },
  "^0[0-7]{3}$": {
    expected: "the permission bits of a file as four octal digits in quotes",
    hint: 'write "0660" for the owner and the group, "0666" for everybody',
  },
  "^(\\*|https?://(\\*|(\\*\\.)?([A-Za-z0-9-]+\\.)*[A-Za-z0-9-]+)(:[0-9]{1,5})?)$": {
    expected: "an origin such as https://shop.example, https://*.shop.example or *",
    hint: "write scheme, host and, where it is not that of the scheme, the port; no path",
  },
  "^([0-9]{1,5}(h|m|s|ms)){1,4}$": {
    expected: "a duration such as 500ms, 15s or 1m30s",
    hint: "write a whole number with its unit: h, m, s or ms",
  },
  "^[A-Za-z0-9!#$%&'*+\\-.^_`|~]{1,256}$": {
    expected: "a header name (letters, digits and '-'; 256 characters at most)",
    hint: "use a name such as 'x-version', without spaces and colon",
  },
  "^[^\\x00-\\x20\\x7f]([^\\x00-\\x08\\x0a-\\x1f\\x7f]*[^\\x00-\\x20\\x7f])?$": {
    expected: "a header value: not empty, no line breaks, no white space at its ends",
    hint: "remove the control characters and the white space around the value",
  },
};
