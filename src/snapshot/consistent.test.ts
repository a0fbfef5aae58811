import { test } from "tap";
import { consistent, consistentEndpoints } from "./consistent.ts";
import type { Snapshot } from "./generated/Snapshot.ts";
import { sample } from "./sample.ts";

interface Case {
  name: string;
  /** Text with its replacement in the encoded sample. */
  change: readonly [from: string, to: string];
  expected: string;
}

const cases: readonly Case[] = [
  {
    name: "a listener that leads to no service",
    change: ['"service":0,"origin":0', '"service":2,"origin":0'],
    expected: "listener edge: names service 2, which does not exist",
  },
  {
    name: "a listener that speaks another protocol than its service",
    change: ['"protocol":"http","service":0', '"protocol":"tcp","service":0'],
    expected: "listener edge: speaks tcp but leads to service web, which speaks http",
  },
  {
    name: "a listener without an address",
    change: ["127.0.0.1:8080", "localhost:8080"],
    expected: "listener edge: address 'localhost:8080' is not ip:port, [ip6]:port or unix:/path",
  },
  {
    name: "a mode of an address that is no file",
    change: ['"127.0.0.1:8080"', '"127.0.0.1:8080","mode":384'],
    expected: "listener edge: has a mode that no address of its kind can have",
  },
  {
    name: "a mode beyond the permission bits",
    change: ['"127.0.0.1:8080"', '"unix:/run/edge.sock","mode":512'],
    expected: "listener edge: has a mode that no address of its kind can have",
  },
  {
    name: "two listeners on one address in two spellings",
    change: ["127.0.0.1:8080", "[0::1]:15101"],
    expected: "listener web->db: another listener has the address [::1]:15101",
  },
  {
    name: "two listeners with one name",
    change: ['"name":"edge"', '"name":"web->db"'],
    expected: "listener web->db: another listener has the same name",
  },
  {
    name: "two services with one name",
    change: ['"name":"db"', '"name":"web"'],
    expected: "service default/web: another service has the same name",
  },
  {
    name: "an origin that does not exist",
    change: ['"service":0,"origin":0', '"service":0,"origin":9'],
    expected: "listener edge: names origin 9, which does not exist",
  },
  {
    name: "a rule that does not exist",
    change: ['"rules":[0]', '"rules":[0,1]'],
    expected: "service default/web: names rule 1, which does not exist",
  },
  {
    name: "rules out of order",
    change: ['"rules":[0]', '"rules":[0,0]'],
    expected: "service default/web: rule indexes are not in ascending order",
  },
  {
    name: "rules on a tcp service",
    change: ['"rules":[],"origin"', '"rules":[0],"origin"'],
    expected: "service default/db: speaks tcp but has rules, which need http",
  },
  {
    name: "a timeout beyond 32 bits",
    change: ['"requestMs":15000', '"requestMs":4294967296'],
    expected: "service default/web: a timeout is beyond 4294967295 ms",
  },
  {
    name: "a backend that speaks tcp",
    change: ['"kind":"service","service":0', '"kind":"service","service":1'],
    expected: "rule 0 of default/pay: has the backend db, which does not speak http",
  },
  {
    name: "a path that does not begin with a slash",
    change: ['"value":"/ü"', '"value":"ü"'],
    expected: "rule 0 of default/pay: path 'ü' does not begin with /",
  },
  {
    name: "a prefix that ends with a slash",
    change: ['"value":"/pay"', '"value":"/pay/"'],
    expected: "rule 0 of default/pay: prefix '/pay/' ends with /",
  },
  {
    name: "a path with a query",
    change: ['"value":"/pay"', '"value":"/pay?a"'],
    expected:
      "rule 0 of default/pay: path '/pay?a' holds a character that no request path can have",
  },
  {
    name: "a header to match in capital letters",
    change: ['"name":"x","value"', '"name":"X","value"'],
    expected: "rule 0 of default/pay: header name 'X' is not lower case",
  },
  {
    name: "an edited header that frames the message",
    change: ['"x-b"', '"content-length"'],
    expected:
      "rule 0 of default/pay: header 'content-length' belongs to the connection and cannot be edited",
  },
  {
    name: "a line break in a value",
    change: ['"value":"1"', '"value":"1\\r\\n2"'],
    expected: "rule 0 of default/pay: the value of header 'x-a' holds a control character",
  },
  {
    name: "endpoints for another number of services",
    change: ['{"address":"127.0.0.1:9001"}],[]', '{"address":"127.0.0.1:9001"}]'],
    expected: "endpoints: lists 1 services where the configuration has 2",
  },
  {
    name: "an endpoint that is a name",
    change: ["127.0.0.1:9001", "db.internal:9001"],
    expected:
      "service default/web: address 'db.internal:9001' is not ip:port, [ip6]:port or unix:/path",
  },
];

test("the sample holds together", (t) => {
  t.strictSame(consistent(sample()), []);
  t.end();
});

for (const { name, change, expected } of cases) {
  test(`found: ${name}`, (t) => {
    const text = JSON.stringify(sample());
    const changed = text.replace(change[0], change[1]);
    t.not(changed, text, "the change is one");

    const found = consistent(JSON.parse(changed) as Snapshot);

    const lines = found.map(({ resource, message }) => `${resource}: ${message}`);
    t.ok(lines.includes(expected), lines.join("\n"));
    t.end();
  });
}

test("endpoints are checked alone against the services that are there", (t) => {
  const { endpoints, services } = sample();
  t.strictSame(consistentEndpoints(endpoints, services), []);
  t.match(consistentEndpoints({ version: -1, services: [[], []] }, services), [
    { resource: "endpoints", message: "version -1 is no safe integer" },
  ]);
  t.end();
});
