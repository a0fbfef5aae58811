// A peer that does what a test tells it, byte by byte: takes connections, shows what came, sends what it is given.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Test } from "tap";
import { RawPeer } from "./raw-peer.ts";
import { until } from "./until.ts";

export interface RawOrigin {
  readonly port: number;
  /** Connections so far. */
  readonly count: number;
  /** The next connection that no call has taken yet. */
  next(): Promise<RawPeer>;
  /** The next request on any connection, with its head taken. */
  request(): Promise<{ head: string; upstream: RawPeer }>;
}

/** On `path`, or on a port that the kernel gives, which is held until the test is over. */
export async function startRawOrigin(t: Test, path?: string): Promise<RawOrigin> {
  const waiting: RawPeer[] = [];
  const peers: RawPeer[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket);
    const peer = new RawPeer(socket);
    peers.push(peer);
    waiting.push(peer);
  });
  if (path === undefined) server.listen(0, "127.0.0.1");
  else server.listen(path);
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    get count() {
      return sockets.length;
    },
    next: () => until("a connection came", () => waiting.shift()),
    request: async () => {
      const upstream = await until("a request came", () =>
        peers.find(({ text }) => text.includes("\r\n\r\n")),
      );
      return { head: await upstream.received("\r\n\r\n"), upstream };
    },
  };
}
