// Turns the files and the resolved names into what the shards have in force: allocates ports, has the files compiled,
// and publishes what has changed. A refusal, by the compiler or by the data plane, leaves everything as it was.
import type { StatusDiagnostic } from "../api/index.ts";
import type { Diagnostic, SourceFile } from "../resources/index.ts";
import type { Shards } from "../shard/index.ts";
import type { CompileJob, CompileOutcome, CompileSuccess, Versions } from "./compile-task.ts";
import type { Compiler } from "./compiler.ts";
import { allocatePorts } from "./ports.ts";
import { predecessorPorts } from "./predecessor-ports.ts";
import type { Stored } from "./snapshot-store.ts";

export interface PublisherOptions {
  compiler: Compiler;
  /** Started on the first publish, when there is something to serve. */
  startShards(): Shards;
  share: boolean;
  /** Called with what is in force after each change. */
  keep?(stored: Stored): void;
}

export type PublishResult =
  | { kind: "refused"; by: "compiler" | "dataPlane"; diagnostics: StatusDiagnostic[] }
  | { kind: "published"; change: "none" | "endpoints" | "configuration"; compiled: Description };

/** What stays of a compilation once its bytes are published. */
export type Description = Omit<CompileSuccess, "bytes" | "files" | "endpointFiles">;

export class Publisher {
  readonly #options: PublisherOptions;
  #ports: Map<string, number> = new Map();
  #last: Versions | undefined;
  #snapshot: Uint8Array | undefined;
  #endpoints: Uint8Array | undefined;
  #files: SourceFile[] | undefined;
  #endpointFiles: SourceFile[] = [];
  #addresses: CompileJob["addresses"] = new Map();
  #shards: Shards | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  get shards(): Shards | undefined {
    return this.#shards;
  }

  /** The files that are in force. */
  get files(): SourceFile[] | undefined {
    return this.#files;
  }

  /** The snapshot in force. */
  config(): unknown {
    const snapshot: unknown = parse(this.#snapshot);
    return this.#endpoints === undefined
      ? snapshot
      : Object.assign(snapshot ?? {}, { endpoints: parse(this.#endpoints) });
  }

  /** Compiles without publishing, with ports for all edges. */
  async compile(
    source: CompileJob["source"],
    addresses: CompileJob["addresses"],
  ): Promise<CompileOutcome> {
    this.#addresses = addresses;
    let outcome = await this.#compileOnce(source, addresses);
    if (outcome.kind !== "needsPorts") return outcome;
    const takesOver = this.#options.share && this.#last === undefined;
    this.#ports = await allocatePorts(
      outcome.edges,
      takesOver ? await predecessorPorts() : this.#ports,
    );
    outcome = await this.#compileOnce(source, addresses);
    return outcome;
  }

  publish(outcome: CompileOutcome): PublishResult {
    if (outcome.kind === "needsPorts")
      throw new Error("the edges changed while they were compiled");
    if (outcome.kind === "refused") {
      return {
        kind: "refused",
        by: "compiler",
        diagnostics: outcome.diagnostics.map(statusDiagnostic),
      };
    }
    const { bytes: _bytes, files, endpointFiles, ...compiled } = outcome;
    try {
      this.#hand(outcome.change, outcome.bytes);
    } catch (error) {
      return refusedBy(error);
    }
    this.#last = outcome.versions;
    this.#files = files;
    this.#endpointFiles = endpointFiles;
    if (outcome.change !== "none") this.#keep(compiled);
    return { kind: "published", change: outcome.change, compiled };
  }

  /** Puts in force what an earlier process had. A refusal leaves everything as it was. */
  restore(stored: Stored): PublishResult {
    const { compiled, ports, addresses, files, endpointFiles, snapshot, endpoints } = stored;
    try {
      this.#hand("configuration", snapshot);
      if (endpoints !== undefined) this.#hand("endpoints", endpoints);
    } catch (error) {
      return refusedBy(error);
    }
    this.#ports = new Map(ports);
    this.#addresses = new Map(addresses);
    this.#last = compiled.versions;
    this.#files = files;
    this.#endpointFiles = endpointFiles;
    return { kind: "published", change: "configuration", compiled };
  }

  #keep(compiled: Description): void {
    if (this.#snapshot === undefined) return;
    this.#options.keep?.({
      compiled,
      ports: [...this.#ports],
      addresses: [...this.#addresses],
      files: this.#files ?? [],
      endpointFiles: this.#endpointFiles,
      snapshot: this.#snapshot,
      ...(this.#endpoints === undefined ? {} : { endpoints: this.#endpoints }),
    });
  }

  #compileOnce(
    source: CompileJob["source"],
    addresses: CompileJob["addresses"],
  ): Promise<CompileOutcome> {
    return this.#options.compiler.run({
      source,
      ports: this.#ports,
      addresses,
      endpointFiles: this.#endpointFiles,
      last: this.#last,
    });
  }

  #hand(change: CompileSuccess["change"], bytes: Uint8Array): void {
    this.#shards ??= this.#options.startShards();
    switch (change) {
      case "none":
        return;
      case "endpoints":
        this.#shards.publishEndpoints(bytes);
        this.#endpoints = bytes;
        return;
      case "configuration":
        this.#shards.publish(bytes);
        this.#snapshot = bytes;
        this.#endpoints = undefined;
    }
  }
}

export function statusDiagnostic({
  code,
  severity,
  message,
  hint,
  position,
}: Diagnostic): StatusDiagnostic {
  const at =
    position === undefined ? {} : { at: `${position.file}:${position.line}:${position.column}` };
  return { code, severity, message, hint, ...at };
}

function refusedBy(error: unknown): PublishResult {
  const diagnostics = [refusal(error as NodeJS.ErrnoException)];
  return { kind: "refused", by: "dataPlane", diagnostics };
}

function refusal(error: NodeJS.ErrnoException): StatusDiagnostic {
  const code = error.code ?? "HED2900";
  const hint =
    code === "HED5101" ? "end the process that holds the address, or choose another one" : "";
  return { code, severity: "error", message: error.message, hint };
}

function parse(bytes: Uint8Array | undefined): unknown {
  return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString("utf8"));
}
