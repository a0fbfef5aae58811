// Binds a small HTTP server of the agent on loopback. A port that is taken gives way to a free one: several agents on
// one host are normal, and who needs a certain port reads the address that is printed.
import type { AddressInfo } from "node:net";
import { createServer, type RequestListener, type Server } from "node:http";

export interface LocalServer {
  /** `127.0.0.1:port`. */
  address: string;
  /** False when another port than the wanted one had to be taken. */
  wanted: boolean;
  close(): void;
}

export async function listenLocal(port: number, handle: RequestListener): Promise<LocalServer> {
  const server = createServer(
    { keepAliveTimeout: keepAliveTimeoutMs, requestTimeout: requestTimeoutMs },
    handle,
  );
  server.maxConnections = connectionsMax;
  const wanted = await bind(server, port);
  if (!wanted && !(await bind(server, 0))) throw new Error("no free port on 127.0.0.1");
  server.unref();
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    wanted,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** False when the port is taken. */
function bind(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    };
    server.once("error", fail);
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.off("error", fail);
      resolve(true);
    });
  });
}

/** Scrapers come every few seconds to a minute; nothing is gained by waiting that long. */
const keepAliveTimeoutMs = 5_000;
const requestTimeoutMs = 10_000;
/** More scrapers than this are refused: they would only compete for the main thread. */
const connectionsMax = 64;
