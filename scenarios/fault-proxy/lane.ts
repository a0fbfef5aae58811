// One direction of a connection through the fault proxy: takes bytes from one socket and writes them to another, with
// the faults it was given.
import type { Socket } from "node:net";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import type { LaneFaults } from "./faults.ts";

/** Called when the whole connection is to be reset. */
export type Reset = () => void;

/** Carries `source` to `sinks` until either ends. */
export function startLane(
  source: Socket,
  sinks: readonly Socket[],
  { faults, reset }: { faults: LaneFaults; reset: Reset },
): void {
  new Lane(source, sinks, { faults, reset }).start();
}

interface Piece {
  bytes: Buffer;
  dueMs: number;
}

class Lane {
  readonly #source: Socket;
  readonly #sinks: readonly Socket[];
  readonly #faults: LaneFaults;
  readonly #reset: Reset;
  readonly #queue: Piece[] = [];
  #queuedBytes = 0;
  #passed = 0;
  #lastDueMs = 0;
  #hasEnded = false;
  #isPumping = false;
  #isStopped = false;

  constructor(
    source: Socket,
    sinks: readonly Socket[],
    { faults, reset }: { faults: LaneFaults; reset: Reset },
  ) {
    this.#source = source;
    this.#sinks = sinks;
    this.#faults = faults;
    this.#reset = reset;
  }

  start(): void {
    this.#source.on("data", (bytes: Buffer) => this.#take(bytes));
    this.#source.on("end", () => {
      this.#hasEnded = true;
      void this.#pump();
    });
  }

  #take(bytes: Buffer): void {
    if (this.#isStopped) return;
    const { delayMs = 0, jitterMs = 0 } = this.#faults;
    const dueMs = performance.now() + delayMs + Math.random() * jitterMs;
    this.#lastDueMs = Math.max(this.#lastDueMs, dueMs);
    this.#queue.push({ bytes, dueMs: this.#lastDueMs });
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes > QUEUE_BYTES_MAX) this.#source.pause();
    void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let piece = this.#queue.shift(); piece !== undefined; piece = this.#queue.shift()) {
      await untilMs(piece.dueMs);
      await this.#pass(piece.bytes);
      this.#queuedBytes -= piece.bytes.length;
      if (this.#isStopped) return;
      if (this.#queuedBytes <= QUEUE_BYTES_MAX) this.#source.resume();
    }
    this.#isPumping = false;
    if (this.#hasEnded) for (const sink of this.#sinks) sink.end();
  }

  /** Writes the part in front of the stop, slice by slice. */
  async #pass(bytes: Buffer): Promise<void> {
    const { corruptAt = -1, stop, sliceBytes = bytes.length, bytesPerSecond } = this.#faults;
    const room = stop === undefined ? bytes.length : stop.afterBytes - this.#passed;
    const passing = Buffer.from(bytes.subarray(0, room));
    const corrupt = corruptAt - this.#passed;
    if (corrupt >= 0 && corrupt < passing.length) passing[corrupt] = ~(passing[corrupt] ?? 0);
    const step = Math.min(sliceBytes, bytesPerSecond === undefined ? bytes.length : PACED_BYTES);
    for (let at = 0; at < passing.length; at += step) {
      const slice = passing.subarray(at, at + step);
      if (bytesPerSecond !== undefined) await sleep((slice.length * 1_000) / bytesPerSecond);
      await Promise.all(this.#sinks.map((sink) => write(sink, slice)));
      this.#passed += slice.length;
      if (slice.length < passing.length) await turn();
    }
    if (stop?.atNextByte !== true || room < bytes.length) this.#stopIfReached();
  }

  #stopIfReached(): void {
    const { stop } = this.#faults;
    if (stop === undefined || this.#passed < stop.afterBytes) return;
    this.#isStopped = true;
    switch (stop.how) {
      case "reset":
        this.#reset();
        break;
      case "finish":
        for (const sink of this.#sinks) sink.end();
        this.#source.resume();
        break;
      case "stopReading":
        this.#source.pause();
        break;
      case "stopWriting":
        this.#source.resume();
        break;
    }
  }
}

/** Resolves when the socket takes more, or will never do so again. */
function write(sink: Socket, bytes: Buffer): Promise<void> {
  if (sink.destroyed || sink.writableEnded) return Promise.resolve();
  return new Promise((resolve) => sink.write(bytes, () => resolve()));
}

async function untilMs(dueMs: number): Promise<void> {
  const waitMs = dueMs - performance.now();
  if (waitMs > 0) await sleep(waitMs);
}

/** Bytes that wait in one direction before its source is no longer read. */
const QUEUE_BYTES_MAX = 256 * 1024;
/** A bandwidth is kept in steps of so many bytes. */
const PACED_BYTES = 1024;
