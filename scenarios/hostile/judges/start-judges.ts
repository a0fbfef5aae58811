// The other parsers: each one started, or left out with the reason why it does not run.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";
import { waitUntilAnswering } from "../../../bench/process/port.ts";
import { startServer } from "../../../bench/process/server.ts";
import { freePorts } from "../../support/free-ports.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import type { Judge, Seen } from "../judge.ts";
import { programs } from "./programs.ts";

export interface Judges {
  running: Judge[];
  /** Name and reason. */
  missing: string[];
}

export async function startJudges(t: Test): Promise<Judges> {
  const node = await startNode(t);
  const judges: Judges = { running: [node], missing: [] };
  for (const { name, configure } of programs) {
    const folder = await temporaryFolder(t);
    const [port = 0] = await freePorts(1);
    try {
      const command = await configure({ folder, port, backend: node.port });
      const server = startServer(command, { name });
      t.teardown(() => server.stop());
      const request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      await waitUntilAnswering(server, port, { request, answer: "HTTP/1.1 200" });
      judges.running.push({ name, port });
    } catch (error) {
      judges.missing.push(`${name}: ${String(error).split("\n")[0]}`);
    }
  }
  return judges;
}

/** Node itself, which is also what stands behind the proxies. */
async function startNode(t: Test): Promise<Judge> {
  const server = createServer({ maxHeaderSize: 131_072 }, (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const seen = seenBy(request, Buffer.concat(parts));
      const body = JSON.stringify(seen);
      response.writeHead(200, { "content-length": body.length }).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { name: "Node http", port: (server.address() as AddressInfo).port };
}

/** A proxy may say beside the request how it read its first line. */
function seenBy(request: IncomingMessage, body: Buffer): Seen {
  const { method = "", url = "", rawHeaders } = request;
  const line = request.headers["x-seen-line"];
  const target = typeof line === "string" ? (line.split(" ")[1] ?? "") : url;
  const fields = rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 && name !== "X-Seen-Line"
      ? [[hex(name), hex(rawHeaders[index + 1] ?? "")]]
      : [],
  );
  return { method: hex(method), target: hex(target), fields, body: body.toString("hex") };
}

function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}
