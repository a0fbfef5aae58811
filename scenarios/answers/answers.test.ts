// What the proxy answers in place of an upstream: status, Proxy-Status (RFC 9209), whether it closes, and how it counts.
import { freePorts } from "../support/free-ports.ts";
import { metricSum } from "../support/metric-sum.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";
import { startStoppedListener } from "../support/start-stopped-listener.ts";
import { errorVocabulary } from "../../src/telemetry/index.ts";
import { malformed } from "./malformed.ts";

scenario(
  "malformed requests are answered by the rule they break, close, and reach no upstream",
  async (t) => {
    const [edge = 0] = await freePorts(1);
    const origin = await startRawOrigin(t);
    const agent = await startAgent(t, {
      mesh: meshText(edge, [`web: { endpoints: ["127.0.0.1:${origin.port}"] }`]),
    });

    const reasons: Record<string, number> = {};
    for (const { name, request, status, details } of malformed) {
      await t.test(`${name}: ${status} ${details}`, async (row) => {
        const client = RawPeer.connect(t, edge).send(request);
        const limit = status === 414 || status === 431;
        const reason = limit ? "request_limit" : "downstream_protocol_error";
        const answer = await answerOf(client);
        const error = limit ? "http_request_error" : "http_protocol_error";
        row.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
        row.match(answer, `\r\nproxy-status: heddle; error=${error}; details="${details}"\r\n`);
        row.match(answer, `\n${reason}: ${details} (`, "for a person too");
        row.match(answer, "\r\nconnection: close\r\n");
        row.equal(await client.ended(), "fin", "the connection closes");
        reasons[`${reason} ${status}`] = (reasons[`${reason} ${status}`] ?? 0) + 1;
      });
    }
    const metrics = await agent.metrics();
    const counted = Object.keys(reasons).map((key): [string, number] => {
      const [error = "", status = ""] = key.split(" ");
      return [
        key,
        metricSum(metrics, "heddle_request_errors_total", { listener: "edge", error, status }),
      ];
    });

    t.comment(`${malformed.length} malformed requests, counted as ${JSON.stringify(reasons)}`);
    t.strictSame(Object.fromEntries(counted), reasons, "each is counted by its reason");
    // A body that breaks a rule is seen when its head is already on its way.
    t.ok(origin.count <= 1, "no upstream connection was opened for a malformed head");
  },
);

scenario(
  "what an upstream does wrong has a status, a Proxy-Status and a count of its own",
  async (t) => {
    const [edge = 0, unused = 0, stopped = 0] = await freePorts(3);
    const origin = await startRawOrigin(t);
    const own = `endpoints: ["127.0.0.1:${origin.port}"]`;
    const agent = await startAgent(t, {
      mesh:
        meshText(edge, [
          `web: { port: 80, ${own} }`,
          `refusing: { port: 80, endpoints: ["127.0.0.1:${unused}"] }`,
          `unreachable: { port: 80, endpoints: ["127.0.0.1:${stopped}"], timeouts: { connect: 300ms } }`,
          `slow: { port: 80, ${own}, timeouts: { request: 300ms } }`,
        ]) + routes,
    });
    await startStoppedListener(t, stopped);
    const hop = `next-hop="127.0.0.1:${origin.port}"`;
    const ask = (path: string): RawPeer =>
      RawPeer.connect(t, edge).send(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);

    await t.test("no route: 404, and the connection stays", async (row) => {
      const client = ask("/nowhere");
      row.equal(
        await answerOf(client),
        answerText("404 Not Found", "destination_not_found", "no_route"),
      );
      row.match(
        await answerOf(client.send("GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n")),
        "HTTP/1.1 404 ",
      );
    });
    await t.test("no backend with a weight: 503", async (row) => {
      const answer = await answerOf(ask("/weightless"));
      row.equal(
        answer,
        answerText("503 Service Unavailable", "destination_unavailable", "no_healthy_endpoint"),
      );
    });
    await t.test("an endpoint that refuses: 503 with its address", async (row) => {
      const answer = await answerOf(ask("/refusing"));
      const error = `connection_refused; next-hop="127.0.0.1:${unused}"`;
      row.equal(answer, answerText("503 Service Unavailable", error, "connection_refused"));
    });
    await t.test("an endpoint that does not answer the connection: 504", async (row) => {
      const answer = await answerOf(ask("/unreachable"));
      const error = `connection_timeout; next-hop="127.0.0.1:${stopped}"`;
      row.equal(answer, answerText("504 Gateway Timeout", error, "connection_timeout"));
    });
    await t.test("an upstream that closes instead of answering: 502", async (row) => {
      const client = ask("/web");
      const { upstream } = await origin.request();
      upstream.finish();
      const answer = await answerOf(client);
      row.equal(
        answer,
        answerText("502 Bad Gateway", `connection_terminated; ${hop}`, "connection_terminated"),
      );
    });
    await t.test("an upstream that resets instead of answering: 502", async (row) => {
      const client = ask("/web");
      const { upstream } = await origin.request();
      upstream.reset();
      row.match(await answerOf(client), "HTTP/1.1 502 ");
    });
    await t.test("an upstream that answers what is no HTTP: 502", async (row) => {
      const client = ask("/web");
      (await origin.request()).upstream.send("SSH-2.0-OpenSSH_9.9\r\n");
      const answer = await answerOf(client);
      row.equal(
        answer,
        answerText("502 Bad Gateway", `http_protocol_error; ${hop}`, "upstream_protocol_error"),
      );
    });
    await t.test("an upstream that answers too late: 504, and it sees the end", async (row) => {
      const client = ask("/slow");
      const { upstream } = await origin.request();
      const answer = await answerOf(client);
      row.equal(
        answer,
        answerText("504 Gateway Timeout", `http_response_timeout; ${hop}`, "response_timeout"),
      );
      row.match(await upstream.ended(), /fin|reset/);
    });
    await t.test(
      "an upstream that ends in the middle of its answer: never a clean end",
      async (row) => {
        const client = ask("/web");
        const { upstream } = await origin.request();
        upstream.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        await client.received("half");
        upstream.finish();
        row.equal(await client.ended(), "reset");
      },
    );

    const metrics = await agent.metrics();
    const count = (error: string, status: number): number =>
      metricSum(metrics, "heddle_request_errors_total", {
        listener: "edge",
        error,
        status: String(status),
      });
    const flag = (flags: string): number =>
      metricSum(metrics, "istio_requests_total", { response_flags: flags });
    t.equal(count("no_route", 404), 2);
    t.equal(count("no_healthy_endpoint", 503), 1);
    t.equal(count("connection_refused", 503), 1);
    t.equal(count("connection_timeout", 504), 1);
    t.equal(count("connection_terminated", 502), 2);
    t.equal(
      count("connection_terminated", 200),
      1,
      "the truncated one keeps the status that was sent",
    );
    t.equal(count("upstream_protocol_error", 502), 1);
    t.equal(count("response_timeout", 504), 1);
    t.strictSame(
      ["NR", "UH", "UF", "UC", "UPE", "UT"].map(flag),
      [2, 1, 2, 3, 1, 1],
      "with Envoy's flags in Istio's family",
    );
  },
);

scenario(
  "callers outside the mesh are told the status, callers inside the cause as well",
  async (t) => {
    const [edge = 0, unused = 0] = await freePorts(2);
    const agent = await startAgent(t, {
      mesh: `mesh: answers
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { endpoints: ["127.0.0.1:${unused}"], upstreams: [api] }
  api: { endpoints: ["127.0.0.1:${unused}"] }
`,
    });
    const { listeners } = await agent.status();
    const inside = listeners.find(({ name }) => name === "web->api");
    const insidePort = Number(inside?.address.split(":").at(-1));
    const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

    t.equal(
      await answerOf(RawPeer.connect(t, edge).send(get)),
      "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 49\r\n" +
        "x-request-id: ID\r\n\r\nheddle: Service Unavailable\nrequest ID\n",
    );
    const broken = await answerOf(RawPeer.connect(t, edge).send("GET /\r\n\r\n"));
    t.notMatch(broken, "proxy-status");
    const inner = RawPeer.connect(t, insidePort).send(get);
    const error = `connection_refused; next-hop="127.0.0.1:${unused}"`;
    t.equal(
      await answerOf(inner),
      answerText("503 Service Unavailable", error, "connection_refused"),
    );
  },
);

scenario("limits of time, and clients that leave, have their names", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origin = await startRawOrigin(t);
  const agent = await startAgent(t, {
    mesh: meshText(edge, [`web: { port: 80, endpoints: ["127.0.0.1:${origin.port}"] }`]),
  });

  const slow = RawPeer.connect(t, edge).send("GET / HTTP/1.1\r\nhost:");
  const gone = RawPeer.connect(t, edge).send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await origin.request();
  gone.reset();
  const unsolicited = RawPeer.connect(t, edge).send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  (await origin.request()).upstream.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokmore");
  t.match(await unsolicited.received("ok"), "HTTP/1.1 200 ");
  const late = await answerOf(slow);

  t.match(late, "HTTP/1.1 408 Request Timeout\r\n");
  t.match(late, 'proxy-status: heddle; error=http_request_error; details="head_timeout"\r\n');
  t.equal(await slow.ended(), "fin");
  const metrics = await agent.metrics();
  const count = (family: string, labels: Record<string, string>): number =>
    metricSum(metrics, family, labels);
  t.equal(count("heddle_request_errors_total", { error: "request_limit", status: "408" }), 1);
  t.equal(count("heddle_request_errors_total", { error: "downstream_gone", status: "499" }), 1);
  t.equal(count("istio_requests_total", { response_code: "499", response_flags: "DC" }), 1);
  t.equal(count("heddle_connection_errors_total", { error: "upstream_unsolicited" }), 1);
});

scenario("an exchange has one name, which outsiders do not choose and insiders do", async (t) => {
  const [edge = 0, trusting = 0] = await freePorts(2);
  const origin = await startRawOrigin(t);
  const agent = await startAgent(t, {
    mesh: `mesh: answers
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
  - { name: trusting, address: "127.0.0.1:${trusting}", protocol: http, service: web, requestId: keep }
services:
  web: { endpoints: ["127.0.0.1:${origin.port}"], upstreams: [api] }
  api: { endpoints: ["127.0.0.1:${origin.port}"] }
`,
  });
  const { listeners } = await agent.status();
  const inside = Number(
    listeners
      .find(({ name }) => name === "web->api")
      ?.address.split(":")
      .at(-1),
  );
  /** The names under which a request arrives and is answered. */
  const names = async (port: number, field: string): Promise<(string | undefined)[]> => {
    const client = RawPeer.connect(t, port).send(`GET / HTTP/1.1\r\nhost: x\r\n${field}\r\n`);
    const { head, upstream } = await origin.request();
    upstream.send("HTTP/1.1 200 OK\r\nX-Request-Id: echoed\r\ncontent-length: 0\r\n\r\n");
    const answer = await client.received("\r\n\r\n");
    t.notMatch(answer, "echoed", "an upstream does not rename an exchange");
    return [head, answer].map((text) => /\r\nx-request-id: (.*)\r\n/.exec(text)?.[1]);
  };
  const made = /^[0-9a-f]{12}$/;
  const long = "n".repeat(128);

  const [none, noneBack] = await names(edge, "");
  t.match(none, made);
  t.equal(noneBack, none);
  t.match((await names(edge, "x-request-id: mine\r\n"))[0], made);
  t.strictSame(await names(trusting, "X-Request-ID: mine\r\n"), ["mine", "mine"]);
  t.strictSame(await names(inside, `x-request-id: ${long}\r\n`), [long, long]);
  t.match((await names(inside, `x-request-id: ${long}n\r\n`))[0], made, "too long");
  t.match((await names(inside, 'x-request-id: "x"\r\n'))[0], made, "no token");
  t.match((await names(inside, "x-request-id: a\r\nx-request-id: b\r\n"))[0], made, "two");
});

function meshText(edge: number, services: readonly string[]): string {
  return `mesh: answers
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web, errors: full }
services:
${services.map((service) => `  ${service}\n`).join("")}`;
}

/** The whole answer, byte for byte. */
function answerText(status: string, error: string, details: string): string {
  const body = bodyText(details);
  return (
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\ncontent-length: ${body.length + idGrowth}\r\n` +
    `x-request-id: ID\r\nproxy-status: heddle; error=${error}; details="${details}"\r\n\r\n${body}`
  );
}

/** The next whole answer of the proxy's own, with its request id as ID; the same in its head and for the person. */
async function answerOf(client: RawPeer): Promise<string> {
  const head = await client.received("\r\n\r\n");
  const id = /\r\nx-request-id: ([0-9a-f]{12})\r\n/.exec(head)?.[1] ?? "no id";
  const body = await client.received(`\nrequest ${id}\n`);
  return (head + body).replaceAll(id, "ID");
}

/** What a person reads: what happened, its name with the code to ask for, and the name of the request. */
function bodyText(name: string): string {
  const row = errorVocabulary.find((spelling) => spelling.name === name);
  return `heddle: ${row?.means}\n${name} (${row?.code})\nrequest ID\n`;
}

/** An id is so much longer than the word that stands for it. */
const idGrowth = "0123456789ab".length - "ID".length;

const routes = `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: faults }
spec:
  parentRefs: [{ group: "", kind: Service, name: web }]
  rules:
    - { matches: [{ path: { type: Exact, value: /web } }], backendRefs: [{ name: web, port: 80 }] }
    - { matches: [{ path: { type: Exact, value: /weightless } }], backendRefs: [{ name: web, port: 80, weight: 0 }] }
    - { matches: [{ path: { type: Exact, value: /refusing } }], backendRefs: [{ name: refusing, port: 80 }] }
    - { matches: [{ path: { type: Exact, value: /unreachable } }], backendRefs: [{ name: unreachable, port: 80 }] }
    - { matches: [{ path: { type: Exact, value: /slow } }], backendRefs: [{ name: slow, port: 80 }] }
`;
