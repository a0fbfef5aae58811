// Program: the origin of a scenario. It listens on the ports it is given, echoes id and body of each request, says which
// port answered and which stamp it saw, and keeps a ledger of the ids that arrived.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { OriginLedger } from "./start-origin.ts";

const arrivals = new Map<string, number>();
const answered = new Map<number, number>();

interface Address {
  port: number;
  delayMs: number;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { port, delayMs }: Address,
): void {
  const id = String(request.headers["x-tag"] ?? "");
  if (id !== "") arrivals.set(id, (arrivals.get(id) ?? 0) + 1);
  answered.set(port, (answered.get(port) ?? 0) + 1);
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    const stamp = String(request.headers["x-stamp"] ?? "");
    const headers = {
      "content-length": body.length,
      "x-tag": id,
      "x-endpoint": port,
      "x-stamp-seen": stamp,
    };
    const send = (): void => void response.writeHead(200, headers).end(body);
    if (delayMs === 0) send();
    else setTimeout(send, delayMs);
  });
}

for (const address of JSON.parse(process.argv[2] ?? "[]") as Address[]) {
  const server = createServer((request, response) => answer(request, response, address));
  // The proxy ends idle connections first, so that none is closed under a request.
  server.keepAliveTimeout = 120_000;
  server.listen(address.port, "127.0.0.1");
  await once(server, "listening");
}
process.on("message", () => {
  const ledger: OriginLedger = { arrivals: new Map(arrivals), answered: new Map(answered) };
  process.send?.(ledger);
});
process.once("disconnect", () => process.exit(0));
process.send?.("listening");
