// One connection of the tagging client. Requests are written in their order and may be pipelined; each ends in exactly
// one way. A request behind a response with `Connection: close` was not processed (RFC 9112 section 9.6).
import { connect, type Socket } from "node:net";
import { hashOf } from "./body.ts";
import { valueOf, type ClientConnection, type Outcome } from "./record.ts";
import { ResponseReader, type Response } from "./response-reader.ts";
import type { TaggedRequest } from "./tagged-request.ts";

interface Pending {
  request: TaggedRequest;
  resolve(ending: Ending): void;
}

/** `unprocessed`: it may be sent again, whatever its method. */
export type Ending = Outcome | { kind: "unprocessed" };

export class LedgerConnection implements ClientConnection {
  readonly sent: string[] = [];
  readonly answered: string[] = [];
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  readonly #pending: Pending[] = [];
  #isOpen = true;
  #isClosing = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    this.#socket.setTimeout(SILENCE_MS_MAX, () => this.#lose("nothing came in time"));
    this.#socket.on("data", (bytes: Buffer) => this.#take(bytes));
    this.#socket.on("end", () => this.#end());
    this.#socket.on("error", (error) => this.#lose(error.message));
    this.#socket.on("close", () => this.#lose("closed"));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether a request may be written and nothing is waited for. */
  get isIdle(): boolean {
    return this.#isOpen && !this.#isClosing && this.#pending.length === 0;
  }

  /** Writes a request behind those that wait, and resolves with its end. */
  send(request: TaggedRequest): Promise<Ending> {
    this.sent.push(request.record.id);
    return new Promise((resolve) => {
      this.#pending.push({ request, resolve });
      this.#socket.write(request.bytes);
    });
  }

  close(): void {
    this.#lose("closed by the client");
  }

  #take(bytes: Buffer): void {
    this.#reader.push(bytes);
    try {
      for (;;) {
        const isHead = this.#pending[0]?.request.record.method === "HEAD";
        const response = this.#reader.next(isHead);
        if (response === undefined) return;
        this.#settle(response);
      }
    } catch (error) {
      this.#lose(String(error));
    }
  }

  #settle(response: Response): void {
    const pending = this.#pending.shift();
    if (pending === undefined) return this.#lose("a response that nobody asked for");
    const { status, fields, body } = response;
    this.answered.push(valueOf(fields, "x-ledger-id") ?? "");
    this.#isClosing ||= valueOf(fields, "connection") === "close";
    pending.resolve({ kind: "answered", status, fields, bodyHash: hashOf(body) });
    if (this.#isClosing) this.#close();
  }

  /** FIN: complete for a response that ends with its connection, and cut short for any other. */
  #end(): void {
    const response = this.#reader.end();
    if (response !== undefined) this.#settle(response);
    this.#lose("closed before a response");
  }

  #lose(reason: string): void {
    const first = this.#pending.shift();
    const { isPartial, status } = this.#reader;
    if (first !== undefined && !this.#isClosing)
      first.resolve(isPartial ? { kind: "truncated", status } : { kind: "failed", reason });
    else first?.resolve({ kind: "unprocessed" });
    this.#close(reason);
  }

  #close(reason = "closed"): void {
    this.#isOpen = false;
    for (const { resolve } of this.#pending.splice(0))
      resolve(this.#isClosing ? { kind: "unprocessed" } : { kind: "failed", reason });
    this.#socket.destroy();
  }
}

/** Far above every timeout that a scenario configures. */
const SILENCE_MS_MAX = 30_000;
