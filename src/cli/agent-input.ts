// What `run` and `dev` have in common: options of the agent from the command line, and its events as messages.
import type { AgentEvent, AgentOptions } from "../agent/index.ts";
import { usableCpus } from "./cpu-quota.ts";
import type { Invocation } from "./command.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Terminal } from "./terminal.ts";
import { usableMemoryBytes } from "./usable-memory.ts";
import { byteCount, wholeNumber } from "./values.ts";
import { packageVersion } from "./version.ts";

export async function agentOptions(
  { values, switches, terminal }: Invocation,
  target: string,
): Promise<AgentOptions> {
  const port = { min: 0, max: 65_535 };
  return {
    source:
      target === "-"
        ? { files: [{ path: "<stdin>", text: await readAll(process.stdin) }] }
        : { target },
    shards: wholeNumber(values, "shards", { defaultValue: usableCpus(), min: 1, max: shardsMax }),
    share: switches.has("reuse-port"),
    memoryBytes: byteCount(values, "memory-limit", usableMemoryBytes()),
    metricsPort: wholeNumber(values, "metrics-port", { defaultValue: 15_020, ...port }),
    healthPort: wholeNumber(values, "health-port", { defaultValue: 15_021, ...port }),
    version: packageVersion(),
    report: (event) => sayEvent(terminal, event),
  };
}

export function sayEvent(terminal: Terminal, event: AgentEvent): void {
  switch (event.kind) {
    case "published":
      return terminal.say(`${event.change} ${event.version} in force`);
    case "refused":
      terminal.say("change refused, the last good configuration stays in force");
      return sayDiagnostics(terminal, event.diagnostics);
    case "kept":
      terminal.say("file of endpoints refused, its last good content stays in force");
      return sayDiagnostics(terminal, event.diagnostics);
    case "warned":
      return sayDiagnostics(terminal, event.diagnostics);
    case "restored":
      return terminal.say(`configuration ${event.version} in force again, as it was stored`);
    case "storeRefused":
      return terminal.say(`the stored configuration is not used: ${event.reason}`);
    case "storeFailing":
      return terminal.say(
        event.reason === undefined
          ? `the configuration is stored again in ${event.path}`
          : `the configuration cannot be stored in ${event.path}: ${event.reason}; traffic is not affected`,
      );
    case "portTaken":
      return terminal.say(`${event.purpose}: port ${event.port} is taken, using ${event.address}`);
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString("utf8");
}

/** More threads than the largest machines have CPUs are a typing mistake. */
const shardsMax = 256;
