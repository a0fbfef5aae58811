// An origin with a health of its own: what it answers to tests and to requests can be changed, and it counts both.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";

export interface CheckedOrigin {
  readonly port: number;
  /** Status of the answer to a test; `silent` gives none. */
  health: number | "silent";
  /** When each test came, by `performance.now`. */
  readonly tests: readonly number[];
  /** Requests that were no tests. */
  readonly requests: number;
}

/** Tests ask for `/health`; everything else is answered with 200 after `delayMs`. */
export async function startCheckedOrigin(t: Test, delayMs = 0): Promise<CheckedOrigin> {
  const tests: number[] = [];
  const state = { health: 200 as CheckedOrigin["health"], requests: 0 };
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    if (request.url === "/health") {
      tests.push(performance.now());
      if (state.health !== "silent") response.writeHead(state.health).end();
      return;
    }
    state.requests += 1;
    const port = String((server.address() as AddressInfo).port);
    setTimeout(() => response.writeHead(200, { "x-endpoint": port }).end(), delayMs);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { port, tests });
}
