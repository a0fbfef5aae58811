// 200 changes of a mesh file under load: no request fails, each is answered as some version of its time says, and bad
// files in between change nothing and are reported with their place.
import { failuresOf } from "../support/failures-of.ts";
import { freePorts } from "../support/free-ports.ts";
import { monotonicMs } from "../support/monotonic-ms.ts";
import { percentile } from "../support/percentile.ts";
import { startAgent, type Agent } from "../support/start-agent.ts";
import { startLoad, type LedgerEntry } from "../support/start-load.ts";
import { startOrigin } from "../support/start-origin.ts";
import { until } from "../support/until.ts";
import { scenario } from "../support/scenario.ts";
import { badFiles } from "./bad-files.ts";
import { meshVersion, requestKinds, type MeshPorts, type MeshVersion } from "./version.ts";

scenario(
  "200 changes under load fail no request, and each request sees one version of its time",
  async (t) => {
    const [edge = 0, ...ports] = await freePorts(7);
    const meshPorts: MeshPorts = { edge, one: ports.slice(0, 3), two: ports.slice(3) };
    const origin = await startOrigin(t, ports);
    const first = meshVersion(0, meshPorts);
    const agent = await startAgent(t, { mesh: first.text });
    const load = await startLoad(t, {
      port: edge,
      connections: 32,
      ratePerSecond: 2_000,
      tag: "live",
      requests: requestKinds,
    });
    const times: VersionTime[] = [{ ...first, writtenMs: 0, replacedMs: Number.POSITIVE_INFINITY }];

    let refused = 0;
    for (let index = 1; index <= CHANGES; index += 1) {
      if (index % 20 === 0) refused += await writeBadFile(agent, times, refused);
      await change(agent, meshVersion(index, meshPorts), times);
    }
    const appliedMs = monotonicMs();
    const both = await until("both shards serve connections", async () => {
      const { shards } = await agent.stats();
      return shards.every(({ downstreamConnections }) => downstreamConnections > 0) && shards;
    });
    const before = await load.phase();
    await until(
      "a second of traffic came after the last change",
      () => monotonicMs() - appliedMs > 1_000,
    );
    const after = await load.stop();

    const ledger = [...before.ledger, ...after.ledger];
    const misled = ledger.filter((entry) => !isExplained(entry, times));
    const late = ledger.filter(({ sentMs }) => sentMs > appliedMs + SETTLE_MS);
    const { arrivals } = await origin.ledger();
    const seconds = (after.toMs - before.fromMs) / 1_000;
    const roundTripsMs = ledger.map(({ sentMs, doneMs }) => doneMs - sentMs);
    t.comment(
      `${CHANGES} changes, ${refused} refused files, ${ledger.length} requests in ${seconds.toFixed(1)} s (${(ledger.length / seconds).toFixed(0)}/s)`,
    );
    t.comment(
      `failed ${Object.keys(failuresOf(ledger)).length === 0 ? 0 : JSON.stringify(failuresOf(ledger))}, misled ${misled.length}, connections opened ${after.opened}`,
    );
    t.comment(
      `round trip p50 ${percentile(roundTripsMs, 50).toFixed(2)} ms, p99 ${percentile(roundTripsMs, 99).toFixed(2)} ms`,
    );
    t.strictSame(failuresOf(ledger), {}, "no request failed");
    t.strictSame(misled.slice(0, 3), [], "every answer is explained by one version of its time");
    t.ok(ledger.length > CHANGES * 50, `there was load all the time (${ledger.length} requests)`);
    t.strictSame(
      [...arrivals.values()].filter((count) => count !== 1),
      [],
      "no request was executed twice",
    );
    t.equal(arrivals.size, ledger.length, "the origin saw exactly the requests that were answered");
    t.ok(
      late.length > 1_000 && late.every(({ stamp }) => stamp === times.at(-1)?.stamp),
      "afterwards all saw the last version",
    );
    t.equal(both.length, 2);
    t.equal(after.opened, 32, "no connection was closed by a change");
    const { configurationVersion, endpointsVersion } = await agent.stats();
    t.equal(configurationVersion, 1 + CHANGES / 2, "each change of routes is one version");
    t.equal(endpointsVersion, 1 + CHANGES / 2, "each change of endpoints is one version");
    t.equal(refused, (CHANGES / 20) * badFiles("").length, "every bad file was refused");
  },
);

interface VersionTime extends MeshVersion {
  writtenMs: number;
  replacedMs: number;
}

/** Writes the version and waits until it is reported to be in force. */
async function change(agent: Agent, version: MeshVersion, times: VersionTime[]): Promise<void> {
  const before = inForce(agent);
  const writtenMs = monotonicMs();
  await agent.write(version.text);
  await until(`version ${version.stamp} is in force`, () => inForce(agent) > before);
  const previous = times.at(-1);
  if (previous !== undefined) previous.replacedMs = monotonicMs();
  times.push({ ...version, writtenMs, replacedMs: Number.POSITIVE_INFINITY });
}

/** Writes files with one mistake each and waits until each was refused with its place. */
async function writeBadFile(
  agent: Agent,
  times: readonly VersionTime[],
  refused: number,
): Promise<number> {
  const before = await agent.stats();
  const files = badFiles(times.at(-1)?.text ?? "");
  for (const [index, { text, code, at }] of files.entries()) {
    const from = agent.stderr.length;
    await agent.write(text);
    const said = await until(`${code} at ${at} is reported`, () => {
      const tail = agent.stderr.slice(from);
      return tail.includes(`error[${code}]`) && tail.includes(`  --> ${at}\n`) && tail;
    }).catch((error: unknown) => {
      throw new Error(
        `${String(error)}; instead (file ${refused + index}):\n${agent.stderr.slice(from)}`,
      );
    });
    if (!said.includes("change refused")) throw new Error(`not refused: ${said}`);
  }
  const { configurationVersion, endpointsVersion } = await agent.stats();
  if (
    configurationVersion !== before.configurationVersion ||
    endpointsVersion !== before.endpointsVersion
  ) {
    throw new Error("a bad file changed what is in force");
  }
  return files.length;
}

function inForce(agent: Agent): number {
  return agent.stderr.split(/ in force$/m).length;
}

/** A version of the time of the request must have had the stamp that the origin saw, and the endpoint that answered. */
function isExplained(
  { kind, stamp, endpoint, sentMs, doneMs }: LedgerEntry,
  times: readonly VersionTime[],
): boolean {
  return times.some(
    (version) =>
      version.writtenMs <= doneMs &&
      version.replacedMs + SETTLE_MS >= sentMs &&
      version.stamp === stamp &&
      version.answeredBy[kind]?.has(endpoint) === true,
  );
}

const CHANGES = 200;
/** A shard takes a new version at its next turn; on a busy machine it may have to wait for the processor first. */
const SETTLE_MS = 50;
