// One connection of a careful HTTP/1.1 client: one request at a time, `Connection: close` honoured, a new connection
// when the peer has closed an idle one. What it cannot know is never repeated: each request has one outcome.
import { connect, type Socket } from "node:net";

export type Outcome =
  | { kind: "answered"; status: number; headers: ReadonlyMap<string, string>; body: string }
  /** Nothing was answered in full. */
  | { kind: "failed"; reason: string };

export class KeepAliveConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received = "";
  #waiting: ((outcome: Outcome) => void) | undefined;
  /** Times a connection was opened. */
  opened = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a whole request and resolves with what became of it. */
  send(request: string): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#socket ??= this.#open();
      this.#socket.write(request, "latin1");
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    this.opened += 1;
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    this.#received = "";
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#take(socket, text));
    socket.on("error", (error) => this.#lost(socket, error.message));
    socket.on("close", () => this.#lost(socket, "closed before the answer was complete"));
    return socket;
  }

  #take(socket: Socket, text: string): void {
    if (socket !== this.#socket) return;
    this.#received += text;
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const [line = "", ...fields] = this.#received.slice(0, headEnd).split("\r\n");
    const headers = new Map(fields.map(splitField));
    const length = Number(headers.get("content-length"));
    const end = headEnd + 4 + length;
    if (!Number.isInteger(length)) return this.#lost(socket, `an answer without length: ${line}`);
    if (this.#received.length < end) return;
    const body = this.#received.slice(headEnd + 4, end);
    const surplus = this.#received.length > end || this.#waiting === undefined;
    this.#received = "";
    if (surplus) return this.#lost(socket, "bytes that no request asked for");
    if (headers.get("connection") === "close") this.#forget(socket);
    this.#settle({ kind: "answered", status: Number(line.split(" ")[1]), headers, body });
  }

  #lost(socket: Socket, reason: string): void {
    if (socket !== this.#socket) return;
    this.#forget(socket);
    this.#settle({ kind: "failed", reason });
  }

  #forget(socket: Socket): void {
    this.#socket = undefined;
    socket.destroy();
  }

  #settle(outcome: Outcome): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(outcome);
  }
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
