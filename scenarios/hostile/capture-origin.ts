// An origin that keeps the exact bytes of each request it gets, one to a connection, and answers those that are whole.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Test } from "tap";
import { readMessage, type Message } from "./message.ts";

export interface Captured {
  /** latin1. */
  text: string;
  /** Absent when the request was never whole. */
  message?: Message;
  /** What is wrong with the bytes themselves. */
  broken?: string;
}

export interface CaptureOrigin {
  readonly port: number;
  /** By the case that their field `X-Case` names; those without one are under the empty text. */
  capturedOf(id: string): readonly Captured[];
}

export async function startCaptureOrigin(t: Test): Promise<CaptureOrigin> {
  const byCase = new Map<string, Captured[]>();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const captured: Captured = { text: "" };
    let id: string | undefined;
    socket.setEncoding("latin1");
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    socket.on("data", (text: string) => {
      captured.text += text;
      if (id === undefined && captured.text.includes("\r\n\r\n")) {
        id = /^x-case: *(\S+)/im.exec(captured.text)?.[1] ?? "";
        byCase.set(id, [...(byCase.get(id) ?? []), captured]);
        if (/^expect: 100-continue/im.test(captured.text))
          socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      }
      answer(captured, socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    capturedOf: (id) => byCase.get(id) ?? [],
  };
}

function answer(captured: Captured, socket: Socket): void {
  const reading = readMessage(captured.text);
  if (reading.kind === "partial" || captured.message !== undefined) return;
  if (reading.kind === "broken") captured.broken = reading.why;
  else if (reading.bytes < captured.text.length) captured.broken = "bytes behind the request";
  else captured.message = reading.message;
  // The connection closes, so that each one carries a single request.
  socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}
