// Program: keeps a proxy busy without a pause. Each connection sends a batch of pipelined requests and, when all of it is
// answered, the next one.
import { connect } from "node:net";
import { once } from "node:events";

const [port = 0, connections = 1, batch = 1] = process.argv.slice(2, 5).map(Number);
const request = `GET ${process.argv[5] ?? "/"} HTTP/1.1\r\nhost: scenario\r\n\r\n`;

/** One connection, until the process ends. All answers have the same length, which the first one tells. */
async function flood(): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  socket.write(request);
  const [first] = (await once(socket, "data")) as [Buffer];
  const requests = Buffer.from(request.repeat(batch));
  let missingBytes = first.length * batch;
  socket.on("data", (bytes: Buffer) => {
    missingBytes -= bytes.length;
    if (missingBytes > 0) return;
    missingBytes += first.length * batch;
    socket.write(requests);
  });
  socket.on("close", () => process.exit(1));
  socket.write(requests);
}

await Promise.all(Array.from({ length: connections }, flood));
process.once("disconnect", () => process.exit(0));
process.send?.("flooding");
