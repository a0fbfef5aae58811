// Who takes which address of this host: finds listeners and local programs that want the same one.
import { type Address, formatAddress } from "../lib/address.ts";
import type { MeshDocument } from "./mesh.ts";
import type { View } from "./view.ts";

interface Entry {
  address: Address;
  owner: string;
  kind: "listener" | "program";
}

export class AddressBook {
  readonly #view: View<MeshDocument>;
  /** By port, or by path. */
  readonly #entries = new Map<number | string, Entry[]>();

  constructor(view: View<MeshDocument>) {
    this.#view = view;
  }

  /** A program of a service on 127.0.0.1. */
  addProgram(pointer: string, service: string, port: number): void {
    const address: Address = { kind: "ip", host: "127.0.0.1", port };
    this.#add(pointer, { address, owner: `service '${service}'`, kind: "program" });
  }

  addListener(pointer: string, name: string, address: Address): void {
    this.#add(pointer, { address, owner: `listener '${name}'`, kind: "listener" });
  }

  #add(pointer: string, entry: Entry): void {
    const { address } = entry;
    const place = address.kind === "unix" ? address.path : address.port;
    const samePlace = this.#entries.get(place) ?? [];
    this.#entries.set(place, [...samePlace, entry]);
    const other = samePlace.find((candidate) => overlap(candidate.address, address));
    if (other === undefined) return;
    const both = other.kind === "program" && entry.kind === "program";
    this.#view.report(both ? "HED2112" : "HED2111", {
      pointer,
      message: `${both ? `port ${place}` : `address ${formatAddress(address)}`} is already taken by ${other.owner}`,
      hint: "give each listener, service and replica an address of its own",
    });
  }
}

/** A wildcard takes the port of every address; `::` takes it from IPv4 too. */
function overlap(left: Address, right: Address): boolean {
  if (left.kind === "unix" || right.kind === "unix") return left.kind === right.kind;
  const hosts = [left.host, right.host];
  if (left.host === right.host || hosts.includes("::")) return true;
  return hosts.includes("0.0.0.0") && hosts.every((host) => !host.includes(":"));
}
