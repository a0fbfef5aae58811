import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test, type Test } from "tap";
import { startGuard, type Guard } from "./guard.ts";
import { ServiceProcess, type ServiceProcessOptions } from "./service-process.ts";
import { upstreamEnvironment } from "./workloads.ts";

interface Started {
  service: ServiceProcess;
  guarded: Set<number>;
  logPath: string;
  /** Resolves with the next unasked end. */
  nextEnd(): Promise<{ how: string; lines: readonly string[]; pauseMs: number }>;
}

function start(t: Test, command: string, environment: Record<string, string> = {}): Started {
  const folder = t.testdir();
  const logPath = join(folder, "web.log");
  const guarded = new Set<number>();
  const ends: { how: string; lines: readonly string[]; pauseMs: number }[] = [];
  let wake = (): void => {};
  const guard: Guard = {
    add: (group) => void guarded.add(group),
    remove: (group) => void guarded.delete(group),
    close: () => Promise.resolve(),
  };
  const options: ServiceProcessOptions = {
    service: "web",
    port: 9001,
    command,
    folder,
    environment,
    logPath,
    guard,
    ended: (how, lines, pauseMs) => {
      ends.push({ how, lines: [...lines], pauseMs });
      wake();
    },
  };
  const service = new ServiceProcess(options);
  t.teardown(() => service.kill());
  const nextEnd = async (): ReturnType<Started["nextEnd"]> => {
    while (ends.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return ends.shift() ?? { how: "", lines: [], pauseMs: 0 };
  };
  return { service, guarded, logPath, nextEnd };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie that its parent has not collected yet is dead.
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("a process that ends is started again, after pauses that double", async (t) => {
  const { service, nextEnd } = start(t, "echo no luck; exit 7");
  t.match(await nextEnd(), { how: "exit code 7", pauseMs: 100 });
  t.match(await nextEnd(), { how: "exit code 7", pauseMs: 200 });
  t.match(await nextEnd(), { pauseMs: 400 });
  t.equal(service.endCount, 3);
  await service.stop();
  t.equal(service.pid, undefined);
});

test("output goes to the log under the name of the service, with PORT and upstreams set", async (t) => {
  const { service, logPath } = start(t, 'echo "$PORT $HEDDLE_UPSTREAM_API"; exec sleep 60', {
    HEDDLE_UPSTREAM_API: "http://127.0.0.1:15101",
  });
  await until(() => service.lines.length > 0);
  await service.stop();
  t.equal(readFileSync(logPath, "utf8"), "web:9001 9001 http://127.0.0.1:15101\n");
});

test("stop ends the whole group, also what the command left in the background", async (t) => {
  const { service, guarded } = start(t, "sleep 60 & echo $!; exec sleep 60");
  await until(() => service.lines.length > 0);
  const group = service.pid ?? 0;
  const background = Number(service.lines[0]);
  t.ok(isAlive(background));
  t.same([...guarded], [group]);
  await service.stop();
  await until(() => !isAlive(background));
  t.notOk(isAlive(group));
  t.same([...guarded], []);
});

test("the guard ends the services of a process that was killed", async (t) => {
  const guardPath = fileURLToPath(new URL("guard.js", import.meta.url));
  const script = `
    import { spawn } from "node:child_process";
    import { startGuard } from ${JSON.stringify(guardPath)};
    const guard = startGuard();
    const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    guard.add(child.pid);
    console.log(child.pid);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  const orphan = Number(line);
  t.ok(isAlive(orphan));
  parent.kill("SIGKILL");
  await until(() => !isAlive(orphan));
  t.pass("the orphan is gone");
});

test("the guard leaves alone what was taken from its list", async (t) => {
  const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  const guard = startGuard();
  guard.add(child.pid ?? 0);
  guard.remove(child.pid ?? 0);
  await guard.close();
  t.ok(isAlive(child.pid ?? 0));
});

test("upstreams are in the environment by name, with the scheme of their protocol", (t) => {
  const listeners = [
    { name: "edge", address: "127.0.0.1:8080", service: "web", protocol: "http" as const },
    {
      name: "a",
      address: "127.0.0.1:15101",
      source: "web",
      service: "user-api",
      protocol: "http" as const,
    },
    {
      name: "b",
      address: "127.0.0.1:15102",
      source: "web",
      service: "db",
      protocol: "tcp" as const,
    },
    {
      name: "c",
      address: "127.0.0.1:15103",
      source: "api",
      service: "db",
      protocol: "tcp" as const,
    },
  ];
  t.same(upstreamEnvironment("web", listeners), {
    HEDDLE_UPSTREAM_USER_API: "http://127.0.0.1:15101",
    HEDDLE_UPSTREAM_DB: "tcp://127.0.0.1:15102",
  });
  t.end();
});
