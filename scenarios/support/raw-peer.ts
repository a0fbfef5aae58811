// One end of a connection, TCP or Unix, as plain bytes: what came so far, what to send, and how it ended.
import { connect, type Socket } from "node:net";
import type { Test } from "tap";
import { resetNow } from "./reset-now.ts";
import { until } from "./until.ts";

export class RawPeer {
  readonly #socket: Socket;
  #text = "";
  #end: "open" | "fin" | "reset" = "open";

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => (this.#text += text));
    socket.on("end", () => (this.#end = "fin"));
    socket.on("error", () => (this.#end = "reset"));
  }

  /** A client's end; connected to a port of this host, or to the path of a Unix domain socket. */
  static connect(t: Test, place: number | string): RawPeer {
    const address = typeof place === "string" ? { path: place } : { port: place, noDelay: true };
    const socket = connect({ host: "127.0.0.1", allowHalfOpen: true, ...address });
    t.teardown(() => void socket.destroy());
    return new RawPeer(socket);
  }

  /** All that came and was not taken. */
  get text(): string {
    return this.#text;
  }

  /** How the other end has closed so far. */
  get end(): "open" | "fin" | "reset" {
    return this.#end;
  }

  /** What was sent here and the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  send(text: string): this {
    this.#socket.write(text, "latin1");
    return this;
  }

  /** Reads nothing until it resumes. */
  rest(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** FIN behind what was sent. */
  finish(): void {
    this.#socket.end();
  }

  reset(): void {
    resetNow(this.#socket);
  }

  /** Resolves when `text` has come, and takes everything up to its end. */
  async received(text: string): Promise<string> {
    await until(`${JSON.stringify(text)} came`, () => this.#text.includes(text)).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}; so far: ${JSON.stringify(this.#text)}, ${this.#end}`);
      },
    );
    const end = this.#text.indexOf(text) + text.length;
    const taken = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return taken;
  }

  /** Resolves when the other end has closed, with how it did. */
  ended(): Promise<"fin" | "reset"> {
    return until("the other end closed", () => this.#end !== "open" && this.#end);
  }
}
