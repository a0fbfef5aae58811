// `heddle dev`: a mesh on this machine with its services as real processes, and a live table. Without a file it is the
// demo, with traffic of its own. `--once` proves that every edge works, prints what it saw, and ends.
import {
  startAgent,
  StartError,
  untilSignalled,
  type Agent,
  type AgentEvent,
} from "../agent/index.ts";
import { agentOptions, sayEvent } from "./agent-input.ts";
import { UsageError, type Invocation } from "./command.ts";
import { devTarget, type DevTarget } from "./dev/demo.ts";
import { live } from "./dev/live.ts";
import { once } from "./dev/once.ts";
import { Screen } from "./dev/screen.ts";
import { Workloads } from "./dev/workloads.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import { exitCode } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";

export async function run(invocation: Invocation): Promise<number> {
  const { values, switches, terminal } = invocation;
  if (values["file"] === "-")
    throw new UsageError("dev follows a file or a folder; use `heddle run -f -` for stdin");
  const startMs = performance.now();
  const target = devTarget(values["file"]);
  const screen = new Screen(terminal);
  const messages: Terminal = { ...terminal, say: (text) => screen.say(text) };
  const workloads = new Workloads({ folder: target.folder, say: messages.say });
  try {
    const agent = await startWith(invocation, { target, workloads, messages });
    const mesh: DevMesh = { agent, workloads, target, terminal: messages, screen, startMs };
    const ended = untilSignalled(agent, {
      drainTimeoutMs,
      draining: () => messages.say("stopping; a second signal ends at once"),
      exit: (code) => process.exit(code),
    });
    return await (switches.has("once") ? once(mesh, ended) : live(mesh, ended));
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    sayDiagnostics(terminal, error.diagnostics);
    return error.exitCode === 5 ? exitCode.refused : exitCode.badConfiguration;
  } finally {
    await workloads.stop();
  }
}

/** What both forms of the command work with. */
export interface DevMesh {
  agent: Agent;
  workloads: Workloads;
  target: DevTarget;
  terminal: Terminal;
  screen: Screen;
  startMs: number;
}

interface Parts {
  target: DevTarget;
  workloads: Workloads;
  messages: Terminal;
}

/** Starts the agent, and keeps the processes as each published configuration wants them. */
async function startWith(
  invocation: Invocation,
  { target, workloads, messages }: Parts,
): Promise<Agent> {
  const started: { agent?: Agent } = {};
  let latest: Extract<AgentEvent, { kind: "published" }> | undefined;
  const applyLatest = (): void => {
    if (started.agent !== undefined && latest !== undefined)
      void workloads.apply(latest.workloads, started.agent.status().listeners);
  };
  const options = await agentOptions(invocation, target.target);
  started.agent = await startAgent({
    ...options,
    report: (event) => {
      if (event.kind === "published") latest = event;
      if (event.kind !== "published" || started.agent !== undefined) sayEvent(messages, event);
      applyLatest();
    },
  });
  applyLatest();
  return started.agent;
}

/** Services of a developer's machine have no long requests to finish. */
const drainTimeoutMs = 2_000;
