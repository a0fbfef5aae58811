// The last good configuration on disk, so that a process which starts again serves before it has read a file, resolved a
// name or asked anybody. Each file carries a checksum; one that is torn or changed is refused, and the one before it,
// which is kept, is used. Writing is never waited for by traffic, and failing to write harms nothing but the next start.
import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { SourceFile } from "../resources/index.ts";
import type { Description } from "./publisher.ts";

/** All that a start needs. */
export interface Stored {
  compiled: Description;
  ports: [edge: string, port: number][];
  addresses: [name: string, addresses: readonly string[]][];
  files: SourceFile[];
  /** As they were when they were right. */
  endpointFiles: SourceFile[];
  snapshot: Uint8Array;
  /** Newer than those in the snapshot. */
  endpoints?: Uint8Array;
}

export interface Loaded {
  stored: Stored | undefined;
  /** Files that are there but were not usable, with the reason. */
  refused: { path: string; reason: string }[];
}

export class SnapshotStore {
  readonly #folder: string;
  readonly #path: string;
  readonly #report: (cause: Error | undefined) => void;
  #next: Stored | undefined;
  #writing: Promise<void> | undefined;
  #failing = false;

  /** `report` is told when writing begins to fail, and with `undefined` when it works again. */
  constructor(folder: string, name: string, report: (cause: Error | undefined) => void) {
    this.#folder = folder;
    this.#path = join(folder, `${name}.snapshot`);
    this.#report = report;
  }

  get path(): string {
    return this.#path;
  }

  async load(): Promise<Loaded> {
    const refused: Loaded["refused"] = [];
    for (const path of [this.#path, `${this.#path}.previous`]) {
      try {
        return { stored: decode(await readFile(path)), refused };
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== "ENOENT") refused.push({ path, reason: message });
      }
    }
    return { stored: undefined, refused };
  }

  /** Writes soon; what is put while another is being written replaces what waits. */
  put(stored: Stored): void {
    this.#next = stored;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when nothing waits to be written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let next = this.#next; next !== undefined; next = this.#next) {
      this.#next = undefined;
      const cause = await this.#write(next).then(
        () => undefined,
        (error: unknown) => error as Error,
      );
      if (this.#failing !== (cause !== undefined)) this.#report(cause);
      this.#failing = cause !== undefined;
    }
    this.#writing = undefined;
  }

  async #write(stored: Stored): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const fresh = `${this.#path}.${process.pid}`;
    try {
      await writeDurably(fresh, encode(stored));
      await rename(this.#path, `${this.#path}.previous`).catch(ignoreAbsent);
      await rename(fresh, this.#path);
    } catch (error) {
      await unlink(fresh).catch(ignoreAbsent);
      throw error;
    }
    await syncFolder(this.#folder);
  }
}

/** One line of header, one of description, then the bytes. */
function encode({ snapshot, endpoints, ...rest }: Stored): Buffer {
  const sizes = { snapshotBytes: snapshot.length, hasEndpoints: endpoints !== undefined };
  const body = Buffer.concat([
    Buffer.from(`${JSON.stringify({ ...rest, ...sizes })}\n`),
    snapshot,
    endpoints ?? new Uint8Array(),
  ]);
  const header = { heddleSnapshot: formatVersion, sha256: digest(body) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

function decode(bytes: Buffer): Stored {
  const [header, body] = splitLine(bytes);
  const { heddleSnapshot, sha256 } = JSON.parse(header) as Record<string, unknown>;
  if (heddleSnapshot !== formatVersion)
    throw new Error(`its format is ${String(heddleSnapshot)}, not ${formatVersion}`);
  if (sha256 !== digest(body)) throw new Error("its checksum is wrong");
  // Whole and of this format, so it is what `encode` was given.
  const [line, parts] = splitLine(body);
  const { snapshotBytes, hasEndpoints, ...rest } = JSON.parse(line) as Omit<
    Stored,
    "snapshot" | "endpoints"
  > & { snapshotBytes: number; hasEndpoints: boolean };
  const snapshot = parts.subarray(0, snapshotBytes);
  return hasEndpoints
    ? { ...rest, snapshot, endpoints: parts.subarray(snapshotBytes) }
    : { ...rest, snapshot };
}

function splitLine(bytes: Buffer): [string, Buffer] {
  const end = bytes.indexOf("\n");
  if (end < 0) throw new Error("it is cut short");
  return [bytes.toString("utf8", 0, end), bytes.subarray(end + 1)];
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename outlive a loss of power. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Another one whenever the shape of `Stored`, or of what is in it, changes. */
const formatVersion = 9;
