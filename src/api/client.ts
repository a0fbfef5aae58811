// The one client of the control API: GET over an agent's Unix socket. It fails with a MeshError whose code says
// whether nobody listens (HED5201) or the answer was not one (HED5202).
import { request } from "node:http";
import { MeshError } from "../lib/mesh-error.ts";
import type { Stats } from "./stats.ts";
import type { AgentStatus } from "./status.ts";

export interface AgentClient {
  stats(): Promise<Stats>;
  status(): Promise<AgentStatus>;
  /** The snapshot in force, resolved. */
  config(): Promise<unknown>;
}

export function agentClient(socketPath: string): AgentClient {
  return {
    stats: () => get(socketPath, "/v1/stats") as Promise<Stats>,
    status: () => get(socketPath, "/v1/status") as Promise<AgentStatus>,
    config: () => get(socketPath, "/v1/config"),
  };
}

function get(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath, path, agent: false, timeout: answerTimeoutMs },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", (cause) => reject(unreachable(socketPath, cause)));
        response.on("end", () => {
          try {
            if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
            resolve(JSON.parse(Buffer.concat(parts).toString("utf8")));
          } catch (cause) {
            reject(badAnswer(socketPath + path, cause));
          }
        });
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer within ${answerTimeoutMs} ms`)));
    call.on("error", (cause) => reject(unreachable(socketPath, cause)));
    call.end();
  });
}

function unreachable(socketPath: string, cause: unknown): MeshError {
  return new MeshError("HED5201", `the agent behind ${socketPath} is not reachable`, {
    hint: "start one with `heddle run` or `heddle dev` in this folder",
    cause,
  });
}

function badAnswer(address: string, cause: unknown): MeshError {
  return new MeshError("HED5202", `${address} gave no usable answer`, {
    hint: "use the same version of heddle for the agent and the command",
    cause,
  });
}

/** An agent that is busy longer than this is as good as absent for a person who waits. */
const answerTimeoutMs = 2_000;
