// Reads HTTP/1.1 responses from the bytes of one connection: strict about framing, so that a response counts as whole
// only when its own framing says so (RFC 9112 section 6.3).
import type { Field } from "./record.ts";
import { valueOf } from "./record.ts";

export interface Response {
  status: number;
  fields: Field[];
  body: Buffer;
}

type State =
  | { kind: "head" }
  | { kind: "length"; response: Response; bytes: number }
  | { kind: "chunks"; response: Response; parts: Buffer[] }
  | { kind: "untilClose"; response: Response };

export class ResponseReader {
  #bytes: Buffer = Buffer.alloc(0);
  #state: State = { kind: "head" };

  /** Status of a response that has begun and is not whole; 0 between responses. */
  get status(): number {
    return this.#state.kind === "head" ? 0 : this.#state.response.status;
  }

  /** Whether bytes of an unfinished response are here. */
  get isPartial(): boolean {
    return this.#bytes.length > 0 || this.#state.kind !== "head";
  }

  push(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
  }

  /** The next whole response, interim ones left out; `isHead` for the answer to HEAD. Throws on what is no HTTP. */
  next(isHead = false): Response | undefined {
    for (;;) {
      const state = this.#state;
      switch (state.kind) {
        case "head":
          if (!this.#readHead(isHead)) return undefined;
          break;
        case "length":
          if (this.#bytes.length < state.bytes) return undefined;
          return this.#finish(state.response, this.#take(state.bytes));
        case "chunks": {
          const size = this.#readChunk(state.parts);
          if (size === undefined) return undefined;
          if (size === 0) return this.#finish(state.response, Buffer.concat(state.parts));
          break;
        }
        case "untilClose":
          return undefined;
      }
    }
  }

  /** The response that the end of the connection completes, if it is such a one. */
  end(): Response | undefined {
    if (this.#state.kind !== "untilClose") return undefined;
    return this.#finish(this.#state.response, this.#take(this.#bytes.length));
  }

  #readHead(isHead: boolean): boolean {
    const end = this.#bytes.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const [line = "", ...lines] = this.#take(end + 4)
      .toString("latin1", 0, end)
      .split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(line)}`);
    const fields = lines.map(splitField);
    if (status >= 100 && status < 200) return true;
    const response: Response = { status, fields, body: Buffer.alloc(0) };
    const length = valueOf(fields, "content-length");
    if (isHead || status === 204 || status === 304)
      this.#state = { kind: "length", response, bytes: 0 };
    else if (valueOf(fields, "transfer-encoding") === "chunked")
      this.#state = { kind: "chunks", response, parts: [] };
    else if (length !== undefined)
      this.#state = { kind: "length", response, bytes: Number(length) };
    else this.#state = { kind: "untilClose", response };
    return true;
  }

  /** Size of the chunk that was taken, 0 when it was the last with its trailers. */
  #readChunk(parts: Buffer[]): number | undefined {
    const lineEnd = this.#bytes.indexOf("\r\n");
    if (lineEnd < 0) return undefined;
    const line = this.#bytes.toString("latin1", 0, lineEnd);
    if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`no chunk size: ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    if (size === 0) {
      const plain = this.#bytes.toString("latin1", lineEnd, lineEnd + 4) === "\r\n\r\n";
      const end = plain ? lineEnd + 4 : this.#bytes.indexOf("\r\n\r\n", lineEnd) + 4;
      if (end < lineEnd + 4) return undefined;
      this.#take(end);
      return 0;
    }
    if (this.#bytes.length < lineEnd + 2 + size + 2) return undefined;
    this.#take(lineEnd + 2);
    parts.push(this.#take(size));
    if (this.#take(2).toString("latin1") !== "\r\n") throw new Error("no end of a chunk");
    return size;
  }

  #finish(response: Response, body: Buffer): Response {
    this.#state = { kind: "head" };
    return { ...response, body };
  }

  #take(bytes: number): Buffer {
    const taken = this.#bytes.subarray(0, bytes);
    this.#bytes = this.#bytes.subarray(bytes);
    return taken;
  }
}

function splitField(line: string): Field {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
