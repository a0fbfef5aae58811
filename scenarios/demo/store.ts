// The demo's back: a uWebSockets.js server where its binary loads (Node 16, 18 and 20), else node:http.
import { createRequire } from "node:module";
import { serveJson } from "./answer.ts";

/** What is used of uWebSockets.js. */
interface MicroWebSockets {
  App(): {
    any(path: string, handle: (response: MicroResponse) => void): void;
    listen(host: string, port: number, done: (socket: unknown) => void): void;
  };
  us_listen_socket_close(socket: unknown): void;
}

interface MicroResponse {
  writeHeader(name: string, value: string): MicroResponse;
  end(body: string): void;
}

const answer = (server: string): unknown => ({ service: "store", server, items: 3 });

function load(): MicroWebSockets | undefined {
  try {
    return createRequire(import.meta.url)("@trufflesuite/uws-js-unofficial") as MicroWebSockets;
  } catch {
    return undefined;
  }
}

function serveMicro(micro: MicroWebSockets): void {
  const app = micro.App();
  app.any("/*", (response) => {
    response
      .writeHeader("content-type", "application/json")
      .end(`${JSON.stringify(answer("uWebSockets.js"))}\n`);
  });
  app.listen("127.0.0.1", Number(process.env["PORT"]), (socket) => {
    if (!socket) process.exit(1);
    // Open keep-alive connections would hold the process, so it does not wait for them.
    process.once("SIGTERM", () => {
      micro.us_listen_socket_close(socket);
      process.exit(0);
    });
  });
}

const micro = load();
if (micro === undefined) serveJson(() => answer("node:http"));
else serveMicro(micro);
