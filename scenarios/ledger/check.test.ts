// Each invariant finds the violation that is planted for it, and nothing in a clean record.
import { test } from "tap";
import { bodyOf, hashOf } from "./body.ts";
import { check, violationsOf } from "./check.ts";
import type { Arrival, Field, Finished, RunRecord, Sent } from "./record.ts";

const idle = { descriptors: 30, downstreamConnections: 0, upstreamConnections: 0 };
const proxy = {
  before: idle,
  after: idle,
  counts: [{ status: 200, byProxy: false, count: 2 }],
};
const clean: RunRecord = {
  sent: [sent("a", "GET"), sent("b", "POST")],
  finished: [answered("a"), answered("b")],
  arrivals: [arrival("a"), arrival("b")],
  connections: [{ sent: ["a", "b"], answered: ["a", "b"] }],
  streams: [],
  proxy,
};

test("a clean record violates nothing", async (t) => {
  t.strictSame(violationsOf(clean), []);
});

test("I1 finds the response to another request", async (t) => {
  const fields: Field[] = [
    ["X-Ledger-Id", "b"],
    ["X-Ledger-Body", "sent a"],
  ];
  const given = { status: 200, fields, bodyHash: hashOf(bodyOf("a", 100)) };
  found(t, "I1", {
    ...clean,
    arrivals: [arrival("a", { answer: given }), arrival("b")],
    finished: [answered("a", { fields }), answered("b")],
  });
});

test("I1 finds a request that arrived under another name", async (t) => {
  found(t, "I1", { ...clean, arrivals: [arrival("a", { target: "/b" }), arrival("b")] });
});

test("I2 finds a POST that was executed twice, and lets a GET pass", async (t) => {
  const arrivals = [arrival("a"), arrival("b"), arrival("b", { attempt: 2 })];
  found(t, "I2", { ...clean, arrivals });
  const reads = [arrival("a"), arrival("a", { attempt: 2 }), arrival("b")];
  t.strictSame(violationsOf({ ...clean, arrivals: reads }), []);
});

test("I3 finds a request without an outcome, one with two, and an outcome of none", async (t) => {
  const { proxy: _, ...run } = clean;
  found(t, "I3", { ...run, finished: [answered("a")] });
  found(t, "I3", { ...run, finished: [answered("a"), answered("b"), answered("b")] });
  found(t, "I3", { ...clean, finished: [...clean.finished, failed("c")] });
});

test("I4 finds a response that is short but clean", async (t) => {
  const short = answered("a", { bodyHash: hashOf(bodyOf("a", 99)) });
  found(t, "I4", { ...clean, finished: [short, answered("b")] });
});

test("I4 finds a request that arrived short but clean", async (t) => {
  found(t, "I4", { ...clean, arrivals: [arrival("a", { bodyHash: "short" }), arrival("b")] });
});

test("I4 lets what is visibly cut short pass", async (t) => {
  const cut: Finished = { id: "a", outcome: { kind: "truncated", status: 200 } };
  const run = { ...clean, finished: [cut, answered("b")] };
  t.strictSame(violationsOf({ ...run, arrivals: [arrival("a"), arrival("b")] }), []);
});

test("I7 finds a descriptor and a connection that stayed", async (t) => {
  const after = { descriptors: 31, downstreamConnections: 0, upstreamConnections: 1 };
  const [finding] = found(t, "I7", { ...clean, proxy: { ...proxy, after } });
  t.equal(finding?.violations.length, 2);
});

test("I8 finds a request that was not counted, one counted twice, and a wrong status", async (t) => {
  const counted = (status: number, count: number): RunRecord => ({
    ...clean,
    proxy: { ...proxy, counts: [{ status, byProxy: false, count }] },
  });
  found(t, "I8", counted(200, 1));
  found(t, "I8", counted(200, 3));
  found(t, "I8", counted(404, 2));
});

test("I8 lets a request that the client lost be counted or not", async (t) => {
  const finished = [...clean.finished, failed("c")];
  const run = { ...clean, sent: [...clean.sent, sent("c", "GET")], finished };
  t.strictSame(violationsOf(run), []);
  const counts = [...proxy.counts, { status: 502, byProxy: true, count: 1 }];
  t.strictSame(violationsOf({ ...run, proxy: { ...proxy, counts } }), []);
});

test("I10 finds an error without a reason", async (t) => {
  const fields: Field[] = [["Proxy-Status", "heddle"]];
  const bare = answered("a", { status: 502, fields });
  found(t, "I10", {
    ...clean,
    finished: [bare, answered("b")],
    proxy: {
      ...proxy,
      counts: [
        { status: 200, byProxy: false, count: 1 },
        { status: 502, byProxy: true, count: 1 },
      ],
    },
  });
});

test("I11 finds a field that was lost, one that was added and one of the hop that passed", async (t) => {
  const [first = sent("a", "GET")] = clean.sent;
  const withFields = (fields: Field[]): RunRecord => ({
    ...clean,
    arrivals: [arrival("a", { fields }), arrival("b")],
  });
  found(t, "I11", withFields([["host", "x"]]));
  found(t, "I11", withFields([...first.fields, ["X-New", "1"]]));
  found(t, "I11", withFields([["X-Own", "two"], ...first.fields]));
  t.strictSame(violationsOf(withFields([...first.fields, ["Via", "1.1 heddle"]])), []);
});

test("I11 finds a field of a response that was changed", async (t) => {
  const fields: Field[] = [...answerFields("a"), ["X-New", "1"]];
  found(t, "I11", { ...clean, finished: [answered("a", { fields }), answered("b")] });
});

test("I12 finds pipelined responses out of their order", async (t) => {
  found(t, "I12", { ...clean, connections: [{ sent: ["a", "b"], answered: ["b", "a"] }] });
});

test("I12 finds bytes of a relay that are missing, or other ones", async (t) => {
  const stream = { name: "up", sent: Buffer.from("abc"), ended: true };
  found(t, "I12", { ...clean, streams: [{ ...stream, received: Buffer.from("ab") }] });
  found(t, "I12", { ...clean, streams: [{ ...stream, received: Buffer.from("abd") }] });
  const broken = { ...stream, received: Buffer.from("ab"), ended: false };
  t.strictSame(violationsOf({ ...clean, streams: [broken] }), []);
});

/** Only this invariant is violated. */
function found(
  t: { strictSame(found: unknown, wanted: unknown): boolean },
  id: string,
  run: RunRecord,
): ReturnType<typeof check> {
  const violated = check(run).filter(({ violations }) => violations.length > 0);
  t.strictSame(
    violated.map((verdict) => verdict.id),
    [id],
  );
  return violated;
}

function sent(id: string, method: string): Sent {
  const fields: Field[] = [
    ["Host", "x"],
    ["X-Own", "one"],
    ["Connection", "X-Hop"],
    ["X-Hop", "1"],
  ];
  return { id, method, target: `/${id}`, fields, bodyHash: `sent ${id}` };
}

function arrival(id: string, change: Partial<Arrival> = {}): Arrival {
  return {
    id,
    attempt: 1,
    method: id === "b" ? "POST" : "GET",
    target: `/${id}`,
    fields: [
      ["host", "x"],
      ["X-Own", "one"],
    ],
    bodyHash: `sent ${id}`,
    answer: { status: 200, fields: answerFields(id), bodyHash: hashOf(bodyOf(id, 100)) },
    ...change,
  };
}

function answered(
  id: string,
  change: { status?: number; fields?: Field[]; bodyHash?: string } = {},
): Finished {
  const whole = { status: 200, fields: answerFields(id), bodyHash: hashOf(bodyOf(id, 100)) };
  return { id, outcome: { kind: "answered", ...whole, ...change } };
}

function failed(id: string): Finished {
  return { id, outcome: { kind: "failed", reason: "closed" } };
}

function answerFields(id: string): Field[] {
  return [
    ["X-Ledger-Id", id],
    ["X-Ledger-Body", `sent ${id}`],
  ];
}
