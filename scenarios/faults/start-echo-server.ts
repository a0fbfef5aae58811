// A TCP server that gives back what it gets, and its FIN.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Test } from "tap";

/** Resolves with its port. */
export async function startEchoServer(t: Test): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
