import { test } from "tap";
import { type Answer, type DnsClient, systemLookup, withSrv } from "./dns-lookup.ts";

interface Answers {
  four?: Answer[] | string;
  six?: Answer[] | string;
  srv?: { name: string; port: number; priority: number; weight: number }[];
  host?: { address: string; family: number }[];
}

/** Answers from a table that the test may change; a text is the code of an error. */
function client(answers: Answers): DnsClient {
  const answer = async (value: Answer[] | string | undefined): Promise<Answer[]> => {
    if (Array.isArray(value)) return value;
    throw Object.assign(new Error("query failed"), { code: value ?? "ENOTFOUND" });
  };
  return {
    resolve4: () => answer(answers.four),
    resolve6: () => answer(answers.six),
    resolveSrv: async () => {
      if (answers.srv) return answers.srv;
      throw Object.assign(new Error("query failed"), { code: "ENOTFOUND" });
    },
    lookup: async () => {
      if (answers.host) return answers.host;
      throw Object.assign(new Error("query failed"), { code: "ENOTFOUND" });
    },
  };
}

test("A and AAAA records are one answer that lasts as long as the shortest of them", async (t) => {
  const four = [{ address: "10.0.0.1", ttl: 60 }];
  const six = [{ address: "fd00::1", ttl: 30 }];
  const lookup = systemLookup(client({ four, six }));
  t.strictSame(await lookup("db"), { addresses: ["10.0.0.1", "fd00::1"], ttlMs: 30_000 });
});

test("one family is enough", async (t) => {
  const lookup = systemLookup(client({ four: [{ address: "10.0.0.1", ttl: 60 }], six: "ENODATA" }));
  t.strictSame(await lookup("db"), { addresses: ["10.0.0.1"], ttlMs: 60_000 });
});

test("a family whose answer is lost keeps its addresses and is asked again soon", async (t) => {
  const answers: Answers = {
    four: [{ address: "10.0.0.1", ttl: 60 }],
    six: [{ address: "fd00::1", ttl: 60 }],
  };
  const lookup = systemLookup(client(answers));
  await lookup("db");
  answers.six = "ETIMEOUT";
  t.strictSame(await lookup("db"), { addresses: ["10.0.0.1", "fd00::1"], ttlMs: 0 });
  answers.six = "ENODATA";
  t.strictSame(await lookup("db"), { addresses: ["10.0.0.1"], ttlMs: 60_000 });
});

test("a name that only this host knows is looked up there, IPv4 first", async (t) => {
  const host = [
    { address: "::1", family: 6 },
    { address: "127.0.0.1", family: 4 },
  ];
  t.strictSame(await systemLookup(client({ host }))("printer"), {
    addresses: ["127.0.0.1"],
    ttlMs: 0,
  });
});

test("localhost is never asked of a DNS server", async (t) => {
  const four = [{ address: "203.0.113.1", ttl: 60 }];
  const lookup = systemLookup(client({ four, host: [{ address: "::1", family: 6 }] }));
  t.strictSame(await lookup("localhost"), { addresses: ["::1"], ttlMs: 0 });
  t.strictSame(await lookup("db.localhost"), { addresses: ["::1"], ttlMs: 0 });
});

test("a name that nobody knows is an error", async (t) => {
  await t.rejects(systemLookup(client({}))("nobody"), { code: "ENOTFOUND" });
});

test("this machine resolves localhost", async (t) => {
  const { addresses } = await systemLookup()("localhost");
  t.ok(addresses.includes("127.0.0.1") || addresses.includes("::1"));
});

test("SRV records are answered as their data, in one order and without those that name nothing", async (t) => {
  const srv = [
    { name: "B.internal.", port: 81, priority: 1, weight: 5 },
    { name: "a.internal", port: 80, priority: 1, weight: 5 },
    { name: ".", port: 0, priority: 0, weight: 0 },
  ];
  const four = [{ address: "10.0.0.1", ttl: 60 }];
  const dns = client({ srv, four, six: "ENODATA" });
  const lookup = withSrv(dns, systemLookup(dns));
  t.strictSame(await lookup("srv:_http._tcp.api.internal"), {
    addresses: ["1 5 80 a.internal", "1 5 81 b.internal"],
    ttlMs: 30_000,
  });
  t.strictSame((await lookup("a.internal")).addresses, ["10.0.0.1"]);
  await t.rejects(withSrv(client({}), systemLookup(dns))("srv:_http._tcp.none"), {
    code: "ENOTFOUND",
  });
});
