// The instruments themselves find what they are for: a wrong boundary, a changed field, a broken message, a bare proxy.
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { test, type Test } from "tap";
import { startFaultProxy } from "../fault-proxy/fault-proxy.ts";
import { startCaptureOrigin } from "./capture-origin.ts";
import { hostileCorpus } from "./corpus.ts";
import { judge, type Seen } from "./judge.ts";
import { readMessage } from "./message.ts";
import { sendCase } from "./send-case.ts";

test("the corpus is the same each time, large, and has a case of each rule", async (t) => {
  const corpus = hostileCorpus();
  t.strictSame(corpus, hostileCorpus());
  t.ok(corpus.length >= 2_000, `${corpus.length} requests`);
  const rules = new Set(corpus.map(({ rule }) => rule));
  for (const rule of ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13"])
    t.ok(rules.has(`H1-${rule}`), `H1-${rule}`);
});

test("a proxy that passes everything on is found out", async (t) => {
  const origin = await startCaptureOrigin(t);
  const bare = await startFaultProxy(t, origin.port);
  const planted = hostileCorpus().find(({ rule }) => rule === "H1-01");
  if (planted === undefined) throw new Error("no such case");

  const { violations } = await sendCase(bare.port, origin, planted);

  t.ok(
    violations.some((text) => text.startsWith("emitted")),
    violations.join("; "),
  );
});

test("a canonical request is read whole, anything else is broken", async (t) => {
  const head = "POST /a HTTP/1.1\r\nhost: x\r\n";
  t.match(readMessage(`${head}content-length: 2\r\n\r\nab`), { kind: "whole", bytes: 50 });
  t.match(readMessage(`${head}content-length: 2\r\n\r\na`), { kind: "partial" });
  t.match(readMessage(`${head}transfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`), {
    kind: "whole",
    message: { body: "ab" },
  });
  t.match(readMessage(`${head}content-length: 2\r\ncontent-length: 2\r\n\r\nab`), {
    kind: "broken",
  });
  t.match(readMessage(`${head}x : 1\r\n\r\n`), { kind: "broken" });
  t.match(readMessage(`${head}x: a\nb\r\n\r\n`), { kind: "broken" });
  t.match(readMessage("POST /a HTTP/1.1\r\n\r\n"), { kind: "broken" });
});

test("a parser that sees another target, another field or another boundary differs", async (t) => {
  const text = "GET /a HTTP/1.1\r\nhost: x\r\nx-name: 1\r\n\r\n";
  const reading = readMessage(text);
  if (reading.kind !== "whole") throw new Error("not whole");
  const { message } = reading;
  const right: Seen = {
    method: hex("GET"),
    target: hex("/a"),
    fields: [
      [hex("Host"), hex("x")],
      [hex("X-Name"), hex("1")],
    ],
    body: "",
  };
  const canary: Seen = { ...right, target: hex("/canary") };

  t.match(await judge(await judgeThatSees(t, [right, canary]), text, message), { kind: "agrees" });
  const wrong = [
    [{ ...right, target: hex("/b") }, canary],
    [{ ...right, fields: right.fields.slice(1) }, canary],
    [{ ...right, body: hex("a") }, canary],
    [right],
    [right, right],
    [right, canary, canary],
  ];
  const verdicts = await Promise.all(
    wrong.map(async (seen) => judge(await judgeThatSees(t, seen), text, message)),
  );
  t.strictSame(new Set(verdicts.map(({ kind }) => kind)), new Set(["differs"]));
});

/** Answers every connection with these, whatever it is asked. */
async function judgeThatSees(
  t: Test,
  seen: readonly Seen[],
): Promise<{ name: string; port: number }> {
  const server = createServer((socket) => {
    const bodies = seen.map((each) => JSON.stringify(each));
    socket.once("data", () =>
      socket.end(
        bodies
          .map((body) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
          .join(""),
      ),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => void server.close());
  return { name: "planted", port: (server.address() as AddressInfo).port };
}

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}
