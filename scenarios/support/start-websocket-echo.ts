// A WebSocket server that sends every message back.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";
import { WebSocketServer } from "ws";

export interface WebSocketEcho {
  port: number;
  sockets: WebSocketServer;
}

/** Echoes on every path but `/refused`. */
export async function startWebSocketEcho(t: Test): Promise<WebSocketEcho> {
  const http: Server = createServer();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  sockets.on("connection", (socket) => {
    socket.on("message", (data: Buffer, binary) => socket.send(data, { binary }));
  });
  http.on("upgrade", (request, socket, head) => {
    if (request.url === "/refused") {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (peer) => sockets.emit("connection", peer));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.close();
  });
  return { port: (http.address() as AddressInfo).port, sockets };
}
