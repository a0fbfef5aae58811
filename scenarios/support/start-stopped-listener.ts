// A listener that connections cannot reach: its queue is full and its process is stopped, so that the kernel leaves
// further ones unanswered.
import { connect, type Socket } from "node:net";
import type { Test } from "tap";
import { projectRoot } from "./project-root.ts";
import { startProcess } from "./start-process.ts";
import { until } from "./until.ts";

/** Resolves when a new connection to the port stays unanswered. */
export async function startStoppedListener(t: Test, port: number): Promise<void> {
  const program = `require("net").createServer().listen({ port: ${port}, host: "127.0.0.1", backlog: 1 }, () => console.log("up"))`;
  const listener = startProcess(t, ["-e", program], { folder: projectRoot });
  await until("it listens", () => listener.stdout.includes("up"));
  listener.signal("SIGSTOP");
  const sockets: Socket[] = [];
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  await until("its queue is full", async () => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    sockets.push(socket);
    return staysUnanswered(socket);
  });
}

/** Loopback answers within microseconds. */
function staysUnanswered(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), UNANSWERED_MS);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

const UNANSWERED_MS = 200;
