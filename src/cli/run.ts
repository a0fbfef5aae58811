// `heddle run`: one proxy process that follows its files until a signal ends it.
import { basename, dirname, join, resolve } from "node:path";
import {
  beHeld,
  isHeld,
  startAgent,
  StartError,
  untilSignalled,
  type AgentOptions,
} from "../agent/index.ts";
import { MeshError } from "../lib/mesh-error.ts";
import { agentOptions } from "./agent-input.ts";
import { UsageError, type Invocation } from "./command.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import { exitCode } from "./exit-code.ts";
import { durationMs } from "./values.ts";

export async function run(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  const drainTimeoutMs = durationMs(values, "drain-timeout", drainTimeoutDefaultMs);
  const target = values["file"] ?? "mesh.yaml";
  if (invocation.switches.has("hold") && !isHeld()) {
    if (target === "-")
      throw new UsageError("--hold needs a file: stdin cannot be read again after a restart");
    beHeld();
  }
  const options = {
    ...(await agentOptions(invocation, target)),
    ...stateOf(target, values["state"]),
  };
  try {
    const agent = await startAgent(options);
    const { listeners, metricsAddress, healthAddress, shards } = agent.status();
    for (const { name, address, service } of listeners)
      terminal.say(`${name} ${address} ${terminal.marks.arrow} ${service}`);
    terminal.say(
      `ready: ${shards} shards, metrics http://${metricsAddress}/metrics, health http://${healthAddress}/ready`,
    );
    const code = await untilSignalled(agent, {
      drainTimeoutMs,
      draining: () => terminal.say("draining; a second signal ends at once"),
      exit: (code) => process.exit(code),
    });
    if (!agent.isFaulty()) return code;
    terminal.say("error: too many faults of the proxy itself within a minute; start it again");
    return exitCode.internal;
  } catch (error) {
    if (!(error instanceof StartError)) {
      if (error instanceof MeshError) throw error;
      terminal.say(`error: a shard failed: ${(error as Error).message}`);
      return exitCode.internal;
    }
    sayDiagnostics(terminal, error.diagnostics);
    return error.exitCode === 5 ? exitCode.refused : exitCode.badConfiguration;
  }
}

/** Beside the configuration, under its name; what comes from stdin is stored only where it is asked for. */
function stateOf(target: string, folder: string | undefined): Pick<AgentOptions, "state"> {
  if (target === "-") return folder === undefined ? {} : { state: { folder, name: "stdin" } };
  const path = resolve(target);
  return {
    state: { folder: folder ?? join(dirname(path), ".heddle"), name: basename(path) },
  };
}

const drainTimeoutDefaultMs = 30_000;
