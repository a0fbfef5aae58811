// A TCP proxy that does to each connection what a test tells it, between any two programs of a scenario.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { Test } from "tap";
import { resetNow } from "../support/reset-now.ts";
import type { ConnectionFaults } from "./faults.ts";
import { startLane } from "./lane.ts";

export interface FaultProxy {
  readonly port: number;
  /** Connections accepted so far. */
  readonly count: number;
  /** Connections that are open now on the client's side. */
  readonly open: number;
  /** Of the connections that come from now on. */
  faults: ConnectionFaults;
  /** Resets all that is open, as a machine that dies and comes back does. */
  resetAll(): void;
}

/** Ends with the test. */
export async function startFaultProxy(
  t: Test,
  target: number,
  faults: ConnectionFaults = {},
): Promise<FaultProxy> {
  const clients = new Set<Socket>();
  const targets = new Set<Socket>();
  const proxy = {
    port: 0,
    count: 0,
    get open() {
      return clients.size;
    },
    faults,
    resetAll: () => {
      for (const socket of [...clients, ...targets]) resetNow(socket);
    },
  };
  const options = { allowHalfOpen: true, noDelay: true };
  const server = createServer(options, (client) => {
    proxy.count += 1;
    keep(client, clients);
    const { accept = "once", up = {}, down = {} } = proxy.faults;
    if (accept === "never") return void client.resume();
    const opened = Array.from({ length: accept === "twice" ? 2 : 1 }, () =>
      connect({ port: target, host: "127.0.0.1", ...options }),
    );
    for (const socket of opened) keep(socket, targets);
    const [first = client, ...doubles] = opened;
    const all = [client, ...opened];
    const reset = (): void => {
      for (const socket of all) resetNow(socket);
    };
    for (const socket of all) socket.once("error", reset);
    // What a double says is read and dropped.
    for (const double of doubles) double.resume();
    startLane(client, opened, { faults: up, reset });
    startLane(first, [client], { faults: down, reset });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy.port = (server.address() as AddressInfo).port;
  t.teardown(() => {
    server.close();
    for (const socket of [...clients, ...targets]) socket.destroy();
  });
  return proxy;
}

function keep(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.on("error", () => undefined);
  socket.once("close", () => sockets.delete(socket));
}
