// The side table of places: each row once, referred to by index.
import type { Origin } from "../resources/index.ts";
import type { Origin as Row } from "../snapshot/index.ts";

export class OriginTable {
  readonly rows: Row[] = [];
  readonly #indexes = new Map<string, number>();

  /** Index of the row for a place; adds the row when it is new. */
  index({ position, resource }: Origin): number {
    const key = JSON.stringify([position.file, position.line, resource]);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.rows.length);
    this.rows.push({ file: position.file, line: position.line, resource });
    return this.rows.length - 1;
  }
}
