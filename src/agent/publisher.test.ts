import { test } from "tap";
import type { Shards } from "../shard/index.ts";
import type { CompileOutcome, CompileSuccess } from "./compile-task.ts";
import { Publisher } from "./publisher.ts";

interface Recorder {
  publisher: Publisher;
  /** What the shards were given. */
  calls: string[];
}

function recorder(refusal?: Error): Recorder {
  const calls: string[] = [];
  const hand = (kind: string, bytes: Uint8Array): void => {
    if (refusal !== undefined) throw refusal;
    calls.push(`${kind} ${Buffer.from(bytes).toString()}`);
  };
  const shards: Shards = {
    count: 1,
    finished: new Promise(() => undefined),
    publish: (bytes) => hand("snapshot", bytes),
    publishEndpoints: (bytes) => hand("endpoints", bytes),
    drain: () => undefined,
    reopenLog: () => undefined,
    stop: () => undefined,
    stats: () => ({
      shards: [],
      cells: [],
      failures: [],
      logDropped: 0,
      health: [],
      limits: [],
      memory: { budgetBytes: 0, baseBytes: 0, measuredBytes: 0 },
      configurationVersion: 0,
      endpointsVersion: 0,
    }),
    ping: () => Promise.resolve([]),
    isFaulty: () => false,
  };
  const compiler = {
    run: (): Promise<CompileOutcome> => Promise.reject(new Error("unused")),
    close: () => Promise.resolve(),
  };
  return { publisher: new Publisher({ compiler, startShards: () => shards, share: false }), calls };
}

function compiled(change: CompileSuccess["change"], bytes: string): CompileSuccess {
  return {
    kind: "compiled",
    change,
    bytes: Buffer.from(bytes),
    versions: { configuration: 1, endpoints: 1, configurationDigest: "c", endpointsDigest: "e" },
    mesh: "m",
    listeners: [],
    namespaces: [],
    names: [],
    dnsServers: [],
    edges: [],
    workloads: [],
    diagnostics: [],
    kept: [],
    endpointFiles: [],
    files: [{ path: "mesh.yaml", text: bytes }],
  };
}

test("a changed configuration is published whole, changed endpoints alone, equal content not at all", (t) => {
  const { publisher, calls } = recorder();
  publisher.publish(compiled("configuration", '{"version":1,"endpoints":{"version":1}}'));
  publisher.publish(compiled("endpoints", '{"version":2}'));
  publisher.publish(compiled("none", "{}"));
  t.same(calls, ['snapshot {"version":1,"endpoints":{"version":1}}', 'endpoints {"version":2}']);
  t.same(
    publisher.config(),
    { version: 1, endpoints: { version: 2 } },
    "what is in force is put together again",
  );
  t.end();
});

test("a refusal of the compiler reaches no shard", (t) => {
  const { publisher, calls } = recorder();
  const position = { file: "mesh.yaml", line: 3, column: 5 };
  const diagnostic = {
    code: "HED2104",
    severity: "error",
    resource: "r",
    path: "",
    message: "m",
    hint: "h",
    position,
  } as const;
  const result = publisher.publish({ kind: "refused", diagnostics: [diagnostic] });
  t.match(result, {
    kind: "refused",
    by: "compiler",
    diagnostics: [{ code: "HED2104", at: "mesh.yaml:3:5" }],
  });
  t.same(calls, []);
  t.equal(publisher.shards, undefined);
  t.end();
});

test("a refusal of the data plane keeps the files that are in force", (t) => {
  const refusal = Object.assign(new Error("127.0.0.1:80 is in use"), { code: "HED5101" });
  const { publisher } = recorder(refusal);
  const result = publisher.publish(compiled("configuration", "{}"));
  t.match(result, { kind: "refused", by: "dataPlane", diagnostics: [{ code: "HED5101" }] });
  t.equal(publisher.files, undefined);
  t.end();
});
