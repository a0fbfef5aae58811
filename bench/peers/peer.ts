// What every proxy under measurement offers the runner: installed, configured, started, asked.
import type { Command } from "../process/command.ts";

export type Protocol = "http" | "tcp";

/** One instance of a proxy. */
export interface Assignment {
  protocol: Protocol;
  port: number;
  upstreamPort: number;
  /** For its administration or statistics interface, if it has one. */
  adminPort: number;
  /** Worker threads. */
  threads: number;
  /** HTTP routes to choose among; 0 is whatever the proxy does without any. Only heddle has some. */
  routes: number;
  /** With everything switched on that a user may want on each request. Only heddle has this. */
  isFull: boolean;
  /** An empty folder of its own. */
  folder: string;
}

/** Error counts by name; none when all went well. */
export type ErrorCounts = Record<string, number>;

export interface Peer {
  name: string;
  /** Makes sure that it can be started; says on the way what it installs. */
  install(say: (line: string) => void): Promise<void>;
  version(): Promise<string>;
  /** Writes the configuration and gives the command that runs it in the foreground. */
  configure(assignment: Assignment): Promise<Command>;
  /** Its own account of errors so far, where it keeps one. */
  errors(assignment: Assignment): Promise<ErrorCounts>;
}

/** A peer that this machine cannot have. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}
