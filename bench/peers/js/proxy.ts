// The program behind the peer `js`: uWebSockets.js in front, undici to the upstream, one thread.
// Arguments: its own port and the upstream's. GET requests only; end-to-end headers pass.
import uws from "@trufflesuite/uws-js-unofficial";
import type { HttpRequest, HttpResponse } from "@trufflesuite/uws-js-unofficial";
import { Pool } from "undici";
import type { Dispatcher } from "undici";

const [port = 0, upstreamPort = 0] = process.argv.slice(2).map(Number);
// One request in flight on each connection, as many connections as the load asks for.
const upstream = new Pool(`http://127.0.0.1:${upstreamPort}`, { pipelining: 1, connections: null });

uws
  .App()
  .any("/*", (response, request) => {
    upstream.dispatch(toUpstream(request), answering(response));
  })
  .listen("127.0.0.1", port, (socket) => {
    if (socket === false) process.exit(1);
  });

/** A request object lives only until its handler returns, so all of it is read now. */
function toUpstream(request: HttpRequest): Dispatcher.DispatchOptions {
  const headers: string[] = [];
  request.forEach((name, value) => {
    if (!HOP_BY_HOP.has(name)) headers.push(name, value);
  });
  const query = request.getQuery();
  const path = query === "" ? request.getUrl() : `${request.getUrl()}?${query}`;
  return { path, method: "GET", headers };
}

function answering(response: HttpResponse): Dispatcher.DispatchHandlers {
  let open = true;
  let status = 502;
  let headers: Buffer[] = [];
  const chunks: Buffer[] = [];
  response.onAborted(() => (open = false));
  return {
    onConnect: () => undefined,
    onHeaders: (statusCode, rawHeaders) => {
      status = statusCode;
      headers = rawHeaders;
      return true;
    },
    onData: (chunk) => chunks.push(chunk) > 0,
    onComplete: () => {
      if (open) response.cork(() => send(response, { status, headers, chunks }));
    },
    onError: () => {
      if (open) response.cork(() => response.writeStatus("502 Bad Gateway").end());
    },
  };
}

function send(
  response: HttpResponse,
  answer: { status: number; headers: Buffer[]; chunks: Buffer[] },
): void {
  response.writeStatus(String(answer.status));
  for (let index = 0; index + 1 < answer.headers.length; index += 2) {
    const name = answer.headers[index]?.toString("latin1").toLowerCase() ?? "";
    const value = answer.headers[index + 1] ?? "";
    if (!HOP_BY_HOP.has(name)) response.writeHeader(name, value);
  }
  const [only] = answer.chunks;
  response.end(answer.chunks.length === 1 && only ? only : Buffer.concat(answer.chunks));
}

/** Not passed on; uWebSockets.js writes the length itself. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "content-length", "transfer-encoding"]);
