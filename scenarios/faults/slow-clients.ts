// Clients that take their time, to hold what the proxy has: one kind sends its head slowly, one its body, one reads slowly.
import { connect, type Socket } from "node:net";
import type { Test } from "tap";
import { connectionBytes } from "../../src/telemetry/index.ts";

/**
 * `count` of them: one in thirty reads, one in thirty sends a chunked body, the others a head or a body with a length, half
 * of them each. Each sends or reads a byte now and then, so that none looks idle.
 */
export function startSlowClients(t: Test, port: number, count: number): void {
  const sockets = Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % 30] ?? (index % 2 === 0 ? slowHead : slowBody);
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    kind(socket);
    return socket;
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
}

/** Most that so many of them make the proxy hold, by its own formula. */
export function slowBytes(count: number): number {
  const { begun, exchange, full } = connectionBytes;
  return (count / 30) * (full + exchange + 28 * begun);
}

function slowHead(socket: Socket): void {
  socket.resume().write("GET / HTTP/1.1\r\nhost: x\r\nx-slow: ");
  drip(socket, () => socket.write("a"));
}

function slowBody(socket: Socket): void {
  socket.resume().write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n");
  drip(socket, () => socket.write("a"));
}

function slowChunks(socket: Socket): void {
  socket.resume().write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
  drip(socket, () => socket.write("1\r\na\r\n"));
}

/** Of a response that is larger than what the sockets on the way hold. */
function slowRead(socket: Socket): void {
  socket
    .pause()
    .write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-answer: 8000000 length 0\r\n\r\n");
  drip(socket, () => void socket.read(1));
}

function drip(socket: Socket, step: () => void): void {
  const timer = setInterval(step, DRIP_MS);
  socket.once("close", () => clearInterval(timer));
  socket.once("end", () => socket.destroy());
}

const DRIP_MS = 400;
const kinds = [slowRead, slowChunks];
