// Program: clients that make the proxy hold what they can: many that send part of a head, some that send a body without
// end, some that read nothing of a long response. It says when all have come.
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const [port = 0, count = 0] = process.argv.slice(2).map(Number);

function send(socket: Socket, index: number): void {
  if (index % 100 === 0) upload(socket);
  else if (index % 100 === 1) socket.pause().write("GET /file HTTP/1.1\r\nhost: x\r\n\r\n");
  else socket.resume().write("GET / HTTP/1.1\r\nhost: x\r\n");
}

/** A gibibyte, as fast as it is taken. */
function upload(socket: Socket): void {
  socket.resume().write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1073741824\r\n\r\n");
  const pump = (): void => {
    while (socket.write(PIECE)) continue;
  };
  socket.on("drain", pump);
  pump();
}

const PIECE = Buffer.alloc(65_536, "b");
/** Connections opened at a time; more would not fit into the kernel's queue of a listener. */
const BATCH = 100;

for (let index = 0; index < count; index += 1) {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  send(socket, index);
  if (index % BATCH === BATCH - 1) await sleep(10);
}
process.once("disconnect", () => process.exit(0));
process.send?.("all have come");
