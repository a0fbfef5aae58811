// Program: clients that take their time, to hold what the proxy has: one kind sends its head slowly, two their bodies, one
// reads slowly. One in thirty reads, one in thirty sends a chunked body, the others a head or a body with a length, half of
// them each. Each sends or reads a byte now and then, so that none looks idle.
import { connect, type Socket } from "node:net";

const [port, count] = process.argv.slice(2).map(Number);

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

for (let index = 0; index < (count ?? 0); index += 1) {
  const kind = kinds[index % 30] ?? (index % 2 === 0 ? slowHead : slowBody);
  const socket = connect({ port: port ?? 0, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  kind(socket);
}
process.once("disconnect", () => process.exit(0));
