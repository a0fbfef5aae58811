// What is sent a second time without being asked to, and what never is: with real sockets and a real restart's faults.
import { freePorts } from "../support/free-ports.ts";
import { metricSum } from "../support/metric-sum.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent } from "../support/start-agent.ts";
import { startRawOrigin } from "../support/start-raw-origin.ts";

const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const post = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi";

scenario("an endpoint that refuses is passed over without a failed request", async (t) => {
  const [edge = 0, unused = 0] = await freePorts(2);
  const origin = await startRawOrigin(t);
  const agent = await startAgent(t, { mesh: meshText(edge, [unused, origin.port]) });

  for (let turn = 0; turn < 4; turn += 1) {
    const client = RawPeer.connect(t, edge).send(post);
    const { upstream } = await origin.request();
    upstream.send(answer.replace("200 OK\r\n", "200 OK\r\nconnection: close\r\n"));
    t.match(await client.received("ok"), "HTTP/1.1 200 ");
  }

  const retries = metricSum(await agent.metrics(), "heddle_retries_total", {});
  t.ok(retries >= 2, `${retries} of 4 requests went to the endpoint that refuses first`);
});

scenario(
  "an idle connection that ends under a request costs a GET nothing and a POST a 502",
  async (t) => {
    const [edge = 0] = await freePorts(1);
    const origin = await startRawOrigin(t);
    const agent = await startAgent(t, { mesh: meshText(edge, [origin.port]) });
    const client = RawPeer.connect(t, edge).send(get);
    const first = await origin.request();
    first.upstream.send(answer);
    await client.received("ok");

    client.send(get);
    const under = await origin.request();
    t.equal(under.upstream, first.upstream, "the second request takes the idle connection");
    under.upstream.finish();
    const again = await origin.request();
    t.not(again.upstream, first.upstream, "and comes again on a new one");
    t.equal(again.head, under.head, "byte for byte");
    again.upstream.send(answer);
    t.match(await client.received("ok"), "HTTP/1.1 200 ");

    client.send(post);
    const executed = await origin.request();
    t.equal(
      executed.upstream,
      again.upstream,
      "the request with effects takes the idle connection",
    );
    executed.upstream.finish();
    const refusal = await client.received("heddle: Bad Gateway\n");
    t.match(refusal, "HTTP/1.1 502 ");
    t.equal(origin.count, 2, "and comes to nobody a second time");
    t.equal(metricSum(await agent.metrics(), "heddle_retries_total", {}), 1);
  },
);

function meshText(edge: number, ports: readonly number[]): string {
  return `mesh: retry
listeners:
  - { name: edge, address: "127.0.0.1:${edge}", protocol: http, service: web }
services:
  web: { balancer: roundRobin, endpoints: [${ports.map((port) => `"127.0.0.1:${port}"`).join(", ")}] }
`;
}
