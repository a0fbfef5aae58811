// HTTP/1.1 messages through a real agent, byte by byte on both sides: framing, trailers, interim answers, pipelining.
import type { Test } from "tap";
import { freePorts } from "../support/free-ports.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startRawOrigin, type RawOrigin } from "../support/start-raw-origin.ts";

scenario("HTTP/1.1 messages keep their meaning on the way through", async (t) => {
  const { edge, origin } = await startPair(t);

  await t.test("chunks and trailers pass both ways", async (row) => {
    const client = RawPeer.connect(t, edge).send(
      "POST /a HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n",
    );
    const { upstream } = await origin.request();
    await upstream.received("3\r\nabc\r\n");
    client.send("4;note=1\r\ndefg\r\n0\r\nX-Sum: 7\r\n\r\n");
    row.equal(
      await upstream.received("X-Sum: 7\r\n\r\n"),
      "4\r\ndefg\r\n0\r\nX-Sum: 7\r\n\r\n",
      "extensions are dropped",
    );
    upstream.send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Done: yes\r\n\r\n",
    );
    row.equal(
      await bodyBehind(client, "X-Done: yes\r\n\r\n"),
      "2\r\nhi\r\n0\r\nX-Done: yes\r\n\r\n",
    );
  });
  await t.test("a client that wants no trailers gets none", async (row) => {
    const client = RawPeer.connect(t, edge).send(get("/b"));
    (await origin.request()).upstream.send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Done: yes\r\n\r\n",
    );
    row.equal(await bodyBehind(client, "0\r\n\r\n"), "2\r\nhi\r\n0\r\n\r\n");
  });
  await t.test(
    "100 Continue of the upstream reaches the client before the body leaves it",
    async (row) => {
      const client = RawPeer.connect(t, edge).send(expecting("/c"));
      const { upstream } = await origin.request();
      row.equal(client.text, "");
      upstream.send("HTTP/1.1 100 Continue\r\n\r\n");
      row.equal(await client.received("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
      client.send("body");
      row.equal(await upstream.received("body"), "body");
      upstream.send("HTTP/1.1 204 No Content\r\n\r\n");
      row.match(await client.received("\r\n\r\n"), "HTTP/1.1 204 ");
    },
  );
  await t.test("an upstream that says nothing to an expectation is not waited for", async (row) => {
    const client = RawPeer.connect(t, edge).send(expecting("/d"));
    const { upstream } = await origin.request();
    row.equal(await client.received("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");
    await upstream.received("body");
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    row.match(await client.received("\r\n\r\n"), "HTTP/1.1 200 ");
  });
  await t.test("early hints reach the client", async (row) => {
    const client = RawPeer.connect(t, edge).send(get("/e"));
    (await origin.request()).upstream.send(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    row.match(await client.received("\r\n\r\n"), /^HTTP\/1\.1 103 .*Link: <\/a>/is);
    row.match(await client.received("ok"), "HTTP/1.1 200 ");
  });
  await t.test(
    "HEAD and 304 keep the length and have no body; the connection goes on",
    async (row) => {
      const client = RawPeer.connect(t, edge).send("HEAD /f HTTP/1.1\r\nHost: x\r\n\r\n");
      (await origin.request()).upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
      row.match(await client.received("\r\n\r\n"), /content-length: 1234\r\n/i);
      client.send(get("/g"));
      (await origin.request()).upstream.send(
        'HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: "a"\r\n\r\n',
      );
      row.match(await client.received("\r\n\r\n"), /^HTTP\/1\.1 304 /);
      client.send(get("/h"));
      (await origin.request()).upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      row.match(await client.received("ok"), /^HTTP\/1\.1 200 /);
    },
  );
  await t.test("a body that ends with the connection becomes chunks", async (row) => {
    const client = RawPeer.connect(t, edge).send(get("/i"));
    const { upstream } = await origin.request();
    upstream.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    upstream.finish();
    row.equal(await bodyBehind(client, "0\r\n\r\n"), "d\r\nuntil the end\r\n0\r\n\r\n");
    client.send(get("/j"));
    (await origin.request()).upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    row.match(await client.received("ok"), /^HTTP\/1\.1 200 /);
  });
  await t.test("a client of HTTP/1.0 gets neither chunks nor an open end", async (row) => {
    const client = RawPeer.connect(t, edge).send("GET /k HTTP/1.0\r\nHost: x\r\n\r\n");
    (await origin.request()).upstream.send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    );
    row.equal(await bodyBehind(client, "hi"), "hi");
    row.equal(await client.ended(), "fin");
  });
  await t.test("hop-by-hop fields stay on their hop", async (row) => {
    RawPeer.connect(t, edge).send(
      "GET /l HTTP/1.1\r\nHost: x\r\nConnection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nX-Kept: 2\r\n\r\n",
    );
    const { head, upstream } = await origin.request();
    row.notMatch(head, /x-mine|keep-alive|connection/i);
    row.match(head, "X-Kept: 2\r\n");
    upstream.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
});

scenario(
  "pipelined requests are answered in their order, although the upstream sees one at a time",
  async (t) => {
    const { edge, origin } = await startPair(t);
    const count = 40;
    const requests = Array.from({ length: count }, (_, index) =>
      index % 2 === 0
        ? get(`/${index}`)
        : `POST /${index} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n${String(index).padStart(5)}`,
    );
    const client = RawPeer.connect(t, edge).send(requests.join(""));

    for (let index = 0; index < count; index += 1) {
      const { head, upstream } = await origin.request();
      if (index % 2 === 1) await upstream.received(String(index).padStart(5));
      t.match(head, ` /${index} HTTP/1.1\r\n`);
      t.equal(upstream.text, "", "nothing else is on its way");
      upstream.send(`HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nno ${String(index).padStart(3)}`);
    }
    const answers = await client.received(`no ${String(count - 1).padStart(3)}`);

    const order = [...answers.matchAll(/no +(\d+)/g)].map(([, index]) => Number(index));
    t.strictSame(
      order,
      Array.from({ length: count }, (_, index) => index),
    );
    t.equal(origin.count, 1, "over one upstream connection");
    t.comment(
      `${count} pipelined requests answered in order over ${origin.count} upstream connection`,
    );
  },
);

scenario("large bodies arrive whole both ways, at the pace of who reads", async (t) => {
  const { edge, origin } = await startPair(t);
  const body = Array.from({ length: 200_000 }, (_, index) => String(index).padStart(10)).join("");
  const client = RawPeer.connect(t, edge).send(
    `POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}END?`,
  );

  const { upstream } = await origin.request();
  const up = await upstream.received(body.slice(-10));
  upstream.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await client.received("\r\n\r\n");
  const down = await client.received(body.slice(-10));

  t.comment(`${(body.length / 1e6).toFixed(1)} MB up and down`);
  t.ok(up === body, "up");
  t.ok(down === body, "down");
  t.match(
    await client.received("\n"),
    "HTTP/1.1 400 ",
    "what follows the length is the next request",
  );
});

async function startPair(t: Test): Promise<{ edge: number; origin: RawOrigin }> {
  const [edge = 0] = await freePorts(1);
  const origin = await startRawOrigin(t);
  await startAgent(t, {
    shards: 1,
    mesh: `mesh: messages
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${origin.port}"] }
`,
  });
  return { edge, origin };
}

/** Skips the head of a response and takes its body up to `end`. */
async function bodyBehind(client: RawPeer, end: string): Promise<string> {
  await client.received("\r\n\r\n");
  return client.received(end);
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
}

function expecting(path: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`;
}
