import { join } from "node:path";
import { test, type Test } from "tap";
import { createCompiler } from "./compiler.ts";
import type { CompileJob, CompileOutcome, CompileSuccess } from "./compile-task.ts";

const mesh = "mesh: m\nservices:\n  web: { port: 9001, upstreams: [api] }\n  api: { port: 9002 }\n";
const ports = new Map([["web->api", 15_101]]);

function jobOf(text: string, rest: Partial<CompileJob> = {}): CompileJob {
  return {
    source: { files: [{ path: "mesh.yaml", text }] },
    ports,
    addresses: new Map(),
    endpointFiles: [],
    last: undefined,
    ...rest,
  };
}

function success(t: Test, outcome: CompileOutcome): CompileSuccess {
  if (outcome.kind !== "compiled") throw new Error(`not compiled: ${JSON.stringify(outcome)}`);
  t.equal(outcome.kind, "compiled");
  return outcome;
}

test("files become bytes, and what they name is told", async (t) => {
  const compiler = createCompiler();
  t.teardown(() => compiler.close());
  const outcome = success(t, await compiler.run(jobOf(mesh)));
  t.match(JSON.parse(Buffer.from(outcome.bytes).toString()), {
    version: 1,
    endpoints: { version: 1 },
  });
  t.match(outcome, {
    mesh: "m",
    change: "configuration",
    edges: [{ source: "web", target: "api" }],
  });
  t.match(outcome.listeners, [{ address: "127.0.0.1:15101", source: "web", service: "api" }]);
});

test("edges without a port are asked for", async (t) => {
  const compiler = createCompiler();
  t.teardown(() => compiler.close());
  const outcome = await compiler.run(jobOf(mesh, { ports: new Map() }));
  t.match(outcome, { kind: "needsPorts", edges: [{ source: "web", target: "api" }] });
});

test("what has changed decides what is published", async (t) => {
  const compiler = createCompiler();
  t.teardown(() => compiler.close());
  const { versions } = success(t, await compiler.run(jobOf(mesh)));
  const same = success(t, await compiler.run(jobOf(`${mesh}# a comment\n`, { last: versions })));
  t.equal(same.change, "none");
  t.same(same.versions, versions);
  const moved = success(
    t,
    await compiler.run(jobOf(mesh.replace("9002", "9003"), { last: versions })),
  );
  t.match(moved, { change: "endpoints", versions: { configuration: 1, endpoints: 2 } });
  const renamed = success(
    t,
    await compiler.run(jobOf(mesh.replace("mesh: m", "mesh: n"), { last: versions })),
  );
  t.match(renamed, { change: "configuration", versions: { configuration: 2, endpoints: 1 } });
});

test("wrong files are refused with their diagnostics", async (t) => {
  const compiler = createCompiler();
  t.teardown(() => compiler.close());
  const outcome = await compiler.run(jobOf("mesh: m\nservices: {}\nservises: {}\n"));
  t.match(outcome, {
    kind: "refused",
    diagnostics: [{ severity: "error", position: { line: 3 } }],
  });
});

test("a file that cannot be read is refused, not thrown", async (t) => {
  const compiler = createCompiler();
  t.teardown(() => compiler.close());
  const target = join(t.testdir(), "missing.yaml");
  const outcome = await compiler.run(jobOf("", { source: { target } }));
  t.match(outcome, {
    kind: "refused",
    diagnostics: [{ code: "HED2001", message: /missing\.yaml/ }],
  });
});

test("a thread that runs out of memory ends alone, and the next job is done", async (t) => {
  const compiler = createCompiler({ heapMb: 24, timeoutMs: 60_000 });
  t.teardown(() => compiler.close());
  const services = Array.from({ length: 40_000 }, (_, index) => `  s${index}: { port: 9001 }\n`);
  const outcome = await compiler.run(jobOf(`mesh: m\nservices:\n${services.join("")}`));
  t.match(outcome, { kind: "refused", diagnostics: [{ code: "HED2951" }] });
  success(t, await compiler.run(jobOf(mesh)));
});

test("a job that takes too long is ended, and the next one is done", async (t) => {
  const compiler = createCompiler({ heapMb: 512, timeoutMs: 400 });
  t.teardown(() => compiler.close());
  const services = Array.from({ length: 100_000 }, (_, index) => `  s${index}: { port: 9001 }\n`);
  const outcome = await compiler.run(jobOf(`mesh: m\nservices:\n${services.join("")}`));
  t.match(outcome, { kind: "refused", diagnostics: [{ code: "HED2952" }] });
});
