// Memory of a whole process with two threads: after a million requests, after another million, and
// for each of many idle keep-alive connections. Kernel socket memory is not part of it.
import { measureLoad, whileIdle } from "../load/generator.ts";
import { startInstance, startUpstream } from "../measure/instance.ts";
import type { Instance } from "../measure/instance.ts";
import { loadArguments } from "../measure/workload.ts";
import type { Workload } from "../measure/workload.ts";
import { UnavailableError } from "../peers/peer.ts";
import type { Peer } from "../peers/peer.ts";
import { settled } from "../process/settled.ts";
import type { ProcessSample } from "../process/proc.ts";
import { table } from "../report/table.ts";
import { MEMORY_LIMITS, judgeLimit } from "../report/targets.ts";
import type { Verdict } from "../report/targets.ts";
import type { CaseInput, CaseOutcome } from "./case.ts";

interface MemoryAccount {
  proxy: string;
  errors: Record<string, number>;
  first: ProcessSample;
  second: ProcessSample;
  idleConnectionBytes: number;
}

export async function memory(input: CaseInput): Promise<CaseOutcome> {
  const accounts: MemoryAccount[] = [];
  const failures: string[] = [];
  const notes: string[] = [];
  for (const peer of [input.subject, ...input.peers])
    try {
      const account = await measurePeer(input, peer);
      accounts.push(account);
      input.say(`${peer.name}: measured`);
      if (Object.keys(account.errors).length > 0)
        failures.push(`${peer.name}: errors ${JSON.stringify(account.errors)}`);
    } catch (error) {
      const message = `${peer.name}: ${error instanceof Error ? error.message : String(error)}`;
      (error instanceof UnavailableError ? notes : failures).push(message);
      input.say(message);
    }
  const subject = accounts.find(({ proxy }) => proxy === "heddle");
  return {
    text: [accountTable(accounts), ...notes].join("\n\n"),
    verdicts: subject ? verdictsOf(subject) : [],
    failures,
    result: {
      params: { requests: REQUESTS, idle: IDLE_CONNECTIONS, threads: THREADS, ...MEMORY_LIMITS },
      runs: accounts.map((account) => ({ ...account })),
      comparison: [],
      notes,
    },
  };
}

async function measurePeer(input: CaseInput, peer: Peer): Promise<MemoryAccount> {
  const { programs } = input;
  const upstream = await startUpstream(programs, WORKLOAD);
  const side = { label: peer.name, peer, routes: 0 };
  const fresh = (): Promise<Instance> => startInstance(side, WORKLOAD, upstream.port);
  try {
    const worked = await withInstance(await fresh(), async (instance) => {
      const million = (): Promise<Million> => runMillion(input, instance);
      return [await million(), await million()] as const;
    });
    const idleConnectionBytes = await withInstance(await fresh(), (it) => idleBytes(input, it));
    const [one, two] = worked;
    const errors = { ...one.errors, ...two.errors };
    return { proxy: peer.name, errors, first: one.sample, second: two.sample, idleConnectionBytes };
  } finally {
    await upstream.server.stop();
  }
}

interface Million {
  sample: ProcessSample;
  errors: Record<string, number>;
}

async function runMillion(input: CaseInput, instance: Instance): Promise<Million> {
  const count = ["--requests", String(REQUESTS), "--warmup", "0", "--handshake"];
  const args = [...loadArguments(WORKLOAD, instance.assignment.port), ...count];
  const { report } = await measureLoad({ program: input.programs.load, args }, () => undefined);
  return { sample: await settled(instance.server.pid), errors: report.errors };
}

/** Growth of private dirty memory of a fresh, barely used process, for each connection. */
async function idleBytes(input: CaseInput, instance: Instance): Promise<number> {
  const few = { ...WORKLOAD, connections: 4 };
  const { port } = instance.assignment;
  const warm = [...loadArguments(few, port), "--requests", "2000", "--warmup", "0", "--handshake"];
  await measureLoad({ program: input.programs.load, args: warm }, () => undefined);
  const before = await settled(instance.server.pid);
  const many = loadArguments({ ...WORKLOAD, connections: IDLE_CONNECTIONS }, port);
  const args = many.map((word) => (word === "http" ? "idle" : word));
  const idle = { program: input.programs.load, args };
  const during = await whileIdle(idle, () => settled(instance.server.pid));
  return (during.privateDirtyBytes - before.privateDirtyBytes) / IDLE_CONNECTIONS;
}

async function withInstance<T>(instance: Instance, work: (it: Instance) => Promise<T>): Promise<T> {
  try {
    return await work(instance);
  } finally {
    await instance.stop();
  }
}

function verdictsOf({ first, second, idleConnectionBytes }: MemoryAccount): Verdict[] {
  const growth = second.privateDirtyBytes / first.privateDirtyBytes - 1;
  return [
    judgeLimit(MEMORY_LIMITS.rssBytes, first.rssBytes),
    judgeLimit(MEMORY_LIMITS.privateDirtyBytes, first.privateDirtyBytes),
    judgeLimit(MEMORY_LIMITS.growth, growth),
    judgeLimit(MEMORY_LIMITS.idleConnectionBytes, idleConnectionBytes),
  ];
}

function accountTable(accounts: readonly MemoryAccount[]): string {
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const head = [
    "side",
    "RSS MB",
    "PSS",
    "dirty",
    "RSS at 2 M",
    "dirty at 2 M",
    "B/idle connection",
  ];
  const rows = accounts.map(({ proxy, first, second, idleConnectionBytes }) => [
    proxy,
    mb(first.rssBytes),
    mb(first.pssBytes),
    mb(first.privateDirtyBytes),
    mb(second.rssBytes),
    mb(second.privateDirtyBytes),
    idleConnectionBytes.toFixed(0),
  ]);
  return table(head, rows);
}

const REQUESTS = 1_000_000;
const IDLE_CONNECTIONS = 5_000;
const THREADS = 2;
const WORKLOAD: Workload = {
  protocol: "http",
  connections: 64,
  bodyBytes: 100,
  sliceSeconds: 0,
  warmupSeconds: 0,
  threads: THREADS,
};
