import { test, type Test } from "tap";
import { connectionBytes, limitRows, memoryLadder } from "../telemetry/index.ts";
import { run } from "./limits.ts";
import { createTerminal } from "./terminal.ts";

interface Shown {
  code: number;
  out: string;
  said: string;
}

/** `heddle limits` with these values, beside a file that sets some of them and one that is wrong. */
async function limits(t: Test, values: Record<string, string> = {}): Promise<Shown> {
  const folder = t.testdir({ "own.yaml": ownMesh, "bad.yaml": "mesh: m\nservises: {}\n" });
  const file = values["file"];
  const shown: Shown = { code: -1, out: "", said: "" };
  const terminal = {
    ...createTerminal("never", { LANG: "C.UTF-8" }),
    out: (text: string) => void (shown.out += text),
    say: (text: string) => void (shown.said += text),
  };
  shown.code = await run({
    values: { ...values, ...(file !== undefined && { file: `${folder}/${file}` }) },
    switches: new Set(),
    operands: [],
    terminal,
  });
  return shown;
}

const ownMesh = `mesh: m
listeners:
  - name: edge
    address: "127.0.0.1:8080"
    protocol: http
    service: web
    timeouts: { head: 2s }
    limits: { bodyBytesPerSecond: 0 }
services:
  web: { port: 9001, timeouts: { request: 40s } }
`;

/** Words of the row that begins so. */
function rowOf(out: string, name: string): string[] {
  const line = out.split("\n").find((one) => one.startsWith(name)) ?? "";
  return line.split(/ {2,}/);
}

test("every limit of the data plane has a row with its value, its key and its counter", async (t) => {
  const { code, out } = await limits(t);
  t.equal(code, 0);
  t.same(
    limitRows.filter(({ name, counted }) => !rowOf(out, `${name}  `).includes(counted)),
    [],
  );
  const head = ["request head", "10s", "timeouts.head (listener)", "head", "408"];
  t.same(rowOf(out, "request head"), head);
  t.same(rowOf(out, "whole response").slice(0, 2), ["whole response", "15s"]);
});

test("with a file it says which listener and service set a limit otherwise", async (t) => {
  const { out } = await limits(t, { file: "own.yaml" });
  t.equal(rowOf(out, "request head")[2], "edge 2s");
  t.equal(rowOf(out, "request body")[2], "edge none");
  t.equal(rowOf(out, "whole response")[2], "web 40s");
  t.equal(rowOf(out, "age of a connection")[2], "-");
});

test("a file with mistakes is said to apply nothing", async (t) => {
  const { code, out, said } = await limits(t, { file: "bad.yaml" });
  t.same([code, out], [4, ""]);
  t.match(said, "heddle lint");
});

test("the memory of so many connections is theirs times one", async (t) => {
  const { out } = await limits(t, { connections: "4000", output: "json" });
  const { memory } = JSON.parse(out) as { memory: { connection: { totalBytes: number }[] } };
  const { idle, begun, exchange, full } = connectionBytes;
  t.same(
    memory.connection.map(({ totalBytes }) => totalBytes),
    [idle, begun, exchange, full].map((bytes) => 4_000 * bytes),
  );
});

test("the steps of the ladder are shares of the budget", async (t) => {
  const { out } = await limits(t, { "memory-limit": "100MiB" });
  t.same(rowOf(out, "80%").slice(1, 3), ["80MiB", "memory_shrink"]);
  t.same(rowOf(out, "97%").slice(1, 3), ["97MiB", "memory_shed"]);
  t.equal(memoryLadder.length, 5);
});

test("no connections cannot be asked for", async (t) => {
  await t.rejects(limits(t, { connections: "0" }), {
    message: /--connections is a whole number/,
  });
});
