// The services' way of answering and of ending: JSON over node:http, closed in an orderly way on SIGTERM.
import { createServer, type IncomingMessage } from "node:http";

/** Serves on the port that the environment names; an answer that fails becomes a 502 with the reason. */
export function serveJson(answer: (request: IncomingMessage) => unknown): void {
  const server = createServer((request, response) => {
    const headers = { "content-type": "application/json" };
    Promise.resolve(answer(request)).then(
      (value) => response.writeHead(200, headers).end(`${JSON.stringify(value)}\n`),
      (error: unknown) =>
        response.writeHead(502, headers).end(`${JSON.stringify({ error: String(error) })}\n`),
    );
  });
  server.listen(Number(process.env["PORT"]), "127.0.0.1");
  process.once("SIGTERM", () => {
    server.close();
    server.closeIdleConnections();
  });
}
