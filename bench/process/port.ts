// Loopback ports: finding a free one, and waiting until a server answers on one.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "./server.ts";

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** Resolves when `request` sent to the port is answered by bytes that start with `answer`. */
export async function waitUntilAnswering(
  server: Server,
  port: number,
  exchange: { request: string; answer: string },
): Promise<void> {
  const deadlineMs = performance.now() + START_MS_MAX;
  let last = "nothing";
  while (performance.now() < deadlineMs) {
    server.assertRunning();
    last = await firstAnswer(port, exchange.request);
    if (last.startsWith(exchange.answer)) return;
    await sleep(PAUSE_MS);
  }
  throw new Error(`no answer on port ${port} within ${START_MS_MAX} ms; last seen: ${last}`);
}

function firstAnswer(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const finish = (text: string): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(ANSWER_MS_MAX, () => finish("timeout"));
    socket.once("error", (error) => finish(error.message));
    socket.once("close", () => finish("closed"));
    socket.once("data", (bytes: Buffer) => finish(bytes.subarray(0, 64).toString("latin1")));
    socket.write(request);
  });
}

const START_MS_MAX = 20_000;
const ANSWER_MS_MAX = 2_000;
const PAUSE_MS = 25;
