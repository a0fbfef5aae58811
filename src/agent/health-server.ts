// Answers `/live` and `/ready` on loopback. Live means that the main thread turns; ready means that a snapshot is in
// force and that no drain has begun.
import { listenLocal, type LocalServer } from "./listen.ts";

export function serveHealth(
  port: number,
  state: () => "starting" | "ready" | "draining" | "stopped",
): Promise<LocalServer> {
  return listenLocal(port, (request, response) => {
    const now = state();
    if (request.url === "/live") return void response.writeHead(200).end("live\n");
    if (request.url === "/ready")
      return void response.writeHead(now === "ready" ? 200 : 503).end(`${now}\n`);
    response.writeHead(404).end("try /live or /ready\n");
  });
}
