// Behind a balancer that speaks the PROXY protocol, through a real agent.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../support/free-ports.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

scenario("a balancer in front says whose connection it is", async (t) => {
  const [http = 0, tcp = 0, closed = 0] = await freePorts(3);
  const log = join(await temporaryFolder(t), "access.log");
  const origin = await startRawOrigin(t);
  const database = await startRawOrigin(t);
  await startAgent(t, {
    mesh: meshText({ http, tcp, closed, origin: origin.port, database: database.port, log }),
  });

  await t.test("a header in text names the client, to the endpoint and in the log", async (row) => {
    const client = RawPeer.connect(t, http).send("PROXY TCP4 203.0.113.9 10.0.0.1 47");
    client.send("11 80\r\nGET /first HTTP/1.1\r\nhost: a\r\n\r\n");
    const { head, upstream } = await origin.request();
    row.match(head, /^x-forwarded-for: 203\.0\.113\.9\r$/m);
    upstream.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    await client.received("ok");
    const line = await until("the request is logged", () => lineWith(log, "/first"));
    row.match(line, '"downstream_remote_address":"203.0.113.9:4711"');
  });
  await t.test("a binary header does the same for opaque bytes", async (row) => {
    const client = RawPeer.connect(t, tcp).send(
      binaryHeader("\x21\x11", "\xcb\0\x71\x09\x0a\0\0\x01\x12\x67\0\x50"),
    );
    client.send("query");
    const server = await database.next();
    row.equal(await server.received("query"), "query");
  });
  await t.test("a balancer's own connection is its own", async (row) => {
    const client = RawPeer.connect(t, http).send(binaryHeader("\x20\0", ""));
    client.send("GET /own HTTP/1.1\r\nhost: a\r\n\r\n");
    const { head } = await origin.request();
    row.match(head, /^x-forwarded-for: 127\.0\.0\.1\r$/m);
  });
  await t.test("without a header, and with a wrong one, there is no answer", async (row) => {
    const without = RawPeer.connect(t, http).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    row.match(await without.ended(), /fin|reset/);
    const wrong = RawPeer.connect(t, tcp).send("PROXY TCP4 203.0.113.9 10.0.0.1 1\r\n");
    row.match(await wrong.ended(), /fin|reset/);
    row.equal(without.text + wrong.text, "");
  });
  await t.test("who is not trusted may not connect", async (row) => {
    row.match(await RawPeer.connect(t, closed).ended(), /fin|reset/);
  });
});

function meshText(at: {
  http: number;
  tcp: number;
  closed: number;
  origin: number;
  database: number;
  log: string;
}): string {
  const trust = (network: string): string => `proxyProtocol: { trust: ["${network}"] }`;
  return `mesh: balanced
accessLog: { path: ${JSON.stringify(at.log)} }
listeners:
  - { name: edge, address: "127.0.0.1:${at.http}", ${trust("127.0.0.0/8")}, protocol: http, service: web }
  - { name: sql, address: "127.0.0.1:${at.tcp}", ${trust("127.0.0.0/8")}, protocol: tcp, service: db }
  - { name: far, address: "127.0.0.1:${at.closed}", ${trust("192.0.2.0/24")}, protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${at.origin}"] }
  db: { protocol: tcp, endpoints: ["127.0.0.1:${at.database}"] }
`;
}

/** Of version 2; each character of the texts is a byte. */
function binaryHeader(commandAndFamily: string, addresses: string): string {
  const length = String.fromCharCode(0, addresses.length);
  return `\r\n\r\n\0\r\nQUIT\n${commandAndFamily}${length}${addresses}`;
}

function lineWith(path: string, text: string): string | undefined {
  return readFileSync(path, "utf8")
    .split("\n")
    .find((line) => line.includes(text));
}
