// Answers the control API on a Unix socket that only the user of the process can open. Reading is all it offers.
import { once } from "node:events";
import { unlinkSync } from "node:fs";
import { mkdir, unlink } from "node:fs/promises";
import { createServer } from "node:http";
import {
  agentSocketPath,
  agentsFolder,
  findAgents,
  type AgentStatus,
  type Stats,
} from "../api/index.ts";

export interface AdminSource {
  stats(): Stats;
  status(): AgentStatus;
  config(): unknown;
}

export interface AdminServer {
  path: string;
  close(): void;
}

export async function serveAdmin(source: AdminSource): Promise<AdminServer> {
  await mkdir(agentsFolder, { recursive: true, mode: 0o700 });
  await findAgents();
  const path = agentSocketPath(process.pid);
  // Left by a dead process that had the same pid.
  await unlink(path).catch(() => undefined);
  const answers: Record<string, () => unknown> = {
    "/v1/stats": source.stats,
    "/v1/status": source.status,
    "/v1/config": source.config,
  };
  const server = createServer((request, response) => {
    const answer = request.method === "GET" ? answers[request.url ?? ""] : undefined;
    if (answer === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer()));
  });
  // A socket's mode comes from the mask at the moment of the bind, and a path is bound before `listen` returns.
  const mask = process.umask(0o177);
  server.listen(path);
  process.umask(mask);
  await once(server, "listening");
  server.unref();
  const remove = (): void => {
    try {
      unlinkSync(path);
    } catch {
      // Closing the server has removed it already.
    }
  };
  process.once("exit", remove);
  return {
    path,
    close: () => {
      server.close();
      server.closeAllConnections();
      process.off("exit", remove);
      remove();
    },
  };
}
