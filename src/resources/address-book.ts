// Who takes which port of this host: finds listeners and local programs that want the same one.
import { parseHostPort } from "../lib/host-port.ts";
import type { MeshDocument } from "./mesh.ts";
import type { View } from "./view.ts";

interface Entry {
  host: string;
  port: number;
  owner: string;
  kind: "listener" | "program";
}

export class AddressBook {
  readonly #view: View<MeshDocument>;
  readonly #entries = new Map<number, Entry[]>();

  constructor(view: View<MeshDocument>) {
    this.#view = view;
  }

  /** A program of a service on 127.0.0.1. */
  addProgram(pointer: string, service: string, port: number): void {
    this.#add(pointer, { host: "127.0.0.1", port, owner: `service '${service}'`, kind: "program" });
  }

  /** `address` has the form `ip:port`. */
  addListener(pointer: string, name: string, address: string): void {
    const parsed = parseHostPort(address);
    if (parsed instanceof Error) return;
    const { host, port } = parsed;
    this.#add(pointer, { host, port, owner: `listener '${name}'`, kind: "listener" });
  }

  #add(pointer: string, entry: Entry): void {
    const samePort = this.#entries.get(entry.port) ?? [];
    this.#entries.set(entry.port, [...samePort, entry]);
    const other = samePort.find((candidate) => overlap(candidate.host, entry.host));
    if (other === undefined) return;
    const both = other.kind === "program" && entry.kind === "program";
    this.#view.report(both ? "HED2112" : "HED2111", {
      pointer,
      message: `${both ? `port ${entry.port}` : `address ${entry.host}:${entry.port}`} is already taken by ${other.owner}`,
      hint: "give each listener, service and replica a port of its own",
    });
  }
}

/** A wildcard takes the port of every address; `::` takes it from IPv4 too. */
function overlap(left: string, right: string): boolean {
  if (left === right || left === "::" || right === "::") return true;
  const wildcard = left === "0.0.0.0" ? right : right === "0.0.0.0" ? left : undefined;
  return wildcard !== undefined && !wildcard.includes(":");
}
