// FI-25 with health checks: an endpoint that fails its tests gets nothing before a request has failed on it, all of them
// failing changes nothing, and neither needs JavaScript.
import type { Test } from "tap";
import { attachInspector } from "../blocked-javascript/inspector.ts";
import { freePorts } from "../support/free-ports.ts";
import { runCli } from "../support/run-cli.ts";
import { scenario } from "../support/scenario.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { startCheckedOrigin, type CheckedOrigin } from "../support/start-checked-origin.ts";
import { until } from "../support/until.ts";
import { meshText } from "./mesh-text.ts";

scenario(
  "FI-25 an endpoint that fails its tests gets no request until it passes them again",
  async (t) => {
    const { agent, origins, get } = await start(t, 3);
    const [first, ...others] = origins as [CheckedOrigin, ...CheckedOrigin[]];
    await get(30);
    t.ok(first.requests > 0, "it takes part while it is healthy");

    first.health = 503;
    await until("it is out", async () => (await statesOf(agent)).includes("unhealthy"));
    const before = first.requests;
    await get(60);
    t.equal(first.requests, before, "it gets nothing");
    t.match(
      await agent.metrics(),
      'heddle_ejections_total{service="web",reason="unexpected_status"} 1',
    );
    t.match(await agent.metrics(), 'heddle_endpoint_state{service="web",state="unhealthy"} 1');
    const { stdout } = await runCli(t, ["stat", "--window", "100ms"], { folder: agent.folder });
    t.match(stdout, / UP\n.* 2\/3\n/);

    first.health = 200;
    await until("it is back", async () => !(await statesOf(agent)).includes("unhealthy"));
    await get(30);
    t.ok(first.requests > before, "it takes part again");
    t.match(await agent.metrics(), 'heddle_recoveries_total{service="web"} 1');
    const gaps = others.flatMap(({ tests }) =>
      tests.slice(1).map((at, index) => at - (tests[index] ?? 0)),
    );
    t.ok(
      Math.min(...gaps) >= INTERVAL_MS * 0.85,
      "tests come at their interval, once for all shards and parts",
    );
  },
);

scenario("FI-25 when more than half fail their tests all are used", async (t) => {
  const { agent, origins, get } = await start(t, 3);
  for (const origin of origins) origin.health = "silent";
  await until("none passes", async () =>
    (await statesOf(agent)).every((state) => state === "unhealthy"),
  );
  t.match(await agent.metrics(), 'heddle_ejections_total{service="web",reason="timeout"} 3');
  const before = origins.map(({ requests }) => requests);
  await get(60);
  t.ok(
    origins.every(({ requests }, index) => requests > (before[index] ?? 0)),
    "every one gets requests",
  );
});

scenario(
  "FI-25 an endpoint is taken out, and comes back, while the JavaScript is blocked",
  async (t) => {
    const { agent, origins, get } = await start(t, 3, { nodeOptions: ["--inspect=127.0.0.1:0"] });
    const [first] = origins as [CheckedOrigin];
    const inspector = await attachInspector(agent);
    const blocked = inspector.evaluate(
      `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${BLOCK_MS})`,
    );
    const fromMs = performance.now();
    first.health = 503;
    const isLeftOut = async (): Promise<boolean> => {
      const before = first.requests;
      await get(30);
      return first.requests === before;
    };
    await until("it gets no request", isLeftOut);
    first.health = 200;
    await until("it gets requests again", async () => !(await isLeftOut()));
    const tookMs = performance.now() - fromMs;
    t.ok(tookMs < BLOCK_MS, `both happened meanwhile (${tookMs.toFixed(0)} ms)`);
    await blocked;
    inspector.close();
  },
);

scenario("FI-25 a new endpoint gets its first request after its first test", async (t) => {
  const [edge = 0] = await freePorts(1);
  const origins = [await startCheckedOrigin(t), await startCheckedOrigin(t)];
  const late = await startCheckedOrigin(t);
  late.health = 503;
  const portsOf = (all: readonly CheckedOrigin[]): number[] => all.map(({ port }) => port);
  const agent = await startAgent(t, { mesh: meshText(edge, portsOf(origins), { service: CHECK }) });
  await until("both pass", async () =>
    (await statesOf(agent)).every((state) => state === "healthy"),
  );
  await agent.write(meshText(edge, portsOf([...origins, late]), { service: CHECK }));
  await until("it is known", async () => (await statesOf(agent)).length === 3);
  await getFrom(edge, 60);
  t.equal(late.requests, 0);
  late.health = 200;
  await until("it passes", async () =>
    (await statesOf(agent)).every((state) => state === "healthy"),
  );
  await getFrom(edge, 60);
  t.ok(late.requests > 0);
});

interface Started {
  agent: Agent;
  origins: CheckedOrigin[];
  /** So many requests, none of which may fail. */
  get(count: number): Promise<void>;
}

async function start(
  t: Test,
  count: number,
  options: { nodeOptions?: string[] } = {},
): Promise<Started> {
  const [edge = 0] = await freePorts(1);
  const origins = await Promise.all(Array.from({ length: count }, () => startCheckedOrigin(t)));
  const ports = origins.map(({ port }) => port);
  const agent = await startAgent(t, {
    mesh: `${meshText(edge, ports, { service: CHECK })}${PART}`,
    ...options,
  });
  await until("all pass", async () =>
    (await statesOf(agent)).every((state) => state === "healthy"),
  );
  return { agent, origins, get: (times) => getFrom(edge, times) };
}

async function getFrom(edge: number, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    const response = await fetch(`http://127.0.0.1:${edge}/`);
    if (!response.ok) throw new Error(`answered with ${response.status}`);
  }
}

async function statesOf(agent: Agent): Promise<string[]> {
  const { health } = await agent.stats();
  const web = health.find(({ service }) => service === "web");
  return (web?.endpoints ?? []).map(({ state }) => state);
}

const INTERVAL_MS = 200;
const CHECK = `balancer: roundRobin, healthCheck: { path: /health, interval: ${INTERVAL_MS}ms, timeout: 500ms, rise: 2, fall: 3 }`;
/** All of the service once more, under another name. */
const PART = `---
apiVersion: v1
kind: Service
metadata: { name: part }
spec: { selector: { app: web } }
`;
const BLOCK_MS = 8_000;
