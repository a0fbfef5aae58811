// A document that is being read: its value, the places in the file, and the list that mistakes go to.
import { isWithin } from "../lib/json-pointer.ts";
import type { Code } from "./codes.ts";
import { type Diagnostic, type Origin, type Position, diagnose } from "./diagnostic.ts";
import type { Part } from "./locate.ts";
import type { Pruned } from "./prune.ts";

/** What one kind of resource knows of the place of its parts. */
export interface Places {
  locate(pointer: string, part: Part): Position;
  /** `kind/name` of the resource that a pointer lies in. */
  resourceAt(pointer: string): string;
}

export interface Mistake {
  pointer: string;
  part?: Part;
  message: string;
  hint: string;
}

export class View<T> {
  readonly value: T;
  readonly diagnostics: Diagnostic[] = [];
  readonly #pruned: Pruned<T>;
  readonly #places: Places;
  readonly #damage: readonly string[];

  /** `damage`: pointers of what the schema refused. */
  constructor(pruned: Pruned<T>, places: Places, damage: readonly string[]) {
    this.value = pruned.value;
    this.#pruned = pruned;
    this.#places = places;
    this.#damage = damage;
  }

  /** Items of a list with the index that they have in the file. */
  items<Item>(list: readonly Item[] | undefined): [index: number, item: Item][] {
    return list === undefined ? [] : this.#pruned.items(list);
  }

  origin(pointer: string, part: Part = "value"): Origin {
    const { locate, resourceAt } = this.#places;
    return { resource: resourceAt(pointer), path: pointer, position: locate(pointer, part) };
  }

  /** Whether the schema refused something in there or around it, so that a further mistake may be its echo. */
  damaged(pointer: string): boolean {
    return this.#damage.some((damage) => isWithin(damage, pointer) || isWithin(pointer, damage));
  }

  /** Leaves out mistakes in what is damaged. */
  report(code: Code, { pointer, part = "value", message, hint }: Mistake): void {
    if (this.damaged(pointer)) return;
    this.diagnostics.push(diagnose(this.origin(pointer, part), code, { message, hint }));
  }
}
