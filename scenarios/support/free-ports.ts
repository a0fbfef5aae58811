// Loopback ports that nobody else takes while a test runs. They lie below the range from which Linux gives ports to
// outgoing connections, and each block of them is guarded: whoever listens on its first port owns the others.
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Different ports with each call in one process, and in processes beside it. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = await nextPort();
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

let next = 0;
let last = -1;

async function nextPort(): Promise<number> {
  if (next > last) {
    const first = await claimBlock();
    next = first + 1;
    last = first + BLOCK_PORTS - 1;
  }
  return next++;
}

/** Listens on the first port of a block for as long as the process lives. */
async function claimBlock(): Promise<number> {
  const start = Math.floor(Math.random() * BLOCK_COUNT);
  for (let offset = 0; offset < BLOCK_COUNT; offset += 1) {
    const port = FIRST_PORT + ((start + offset) % BLOCK_COUNT) * BLOCK_PORTS;
    const guard = await listenOn(port);
    if (guard === undefined) continue;
    guard.unref();
    return port;
  }
  throw new Error("every block of ports is taken");
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server === undefined) return false;
  server.close();
  await once(server, "close");
  return true;
}

function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(server));
  });
}

/** Outbound listeners of an agent begin at 15101 and go up; these stay out of their way. */
const FIRST_PORT = 18_000;
const BLOCK_PORTS = 50;
const BLOCK_COUNT = 280;
