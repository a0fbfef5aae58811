// From the name of a service to its place in the table; names have been checked when the resources were read.
import { invariant } from "../lib/invariant.ts";
import type { Mesh } from "../resources/index.ts";

export class ServiceIndex {
  readonly #indexes: ReadonlyMap<string, number>;

  constructor(mesh: Mesh) {
    this.#indexes = new Map(mesh.services.map((service, index) => [service.name, index]));
  }

  of(name: string): number {
    const index = this.#indexes.get(name);
    invariant(index !== undefined, `service '${name}' exists`);
    return index;
  }
}
