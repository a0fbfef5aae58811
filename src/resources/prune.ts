// Cuts out of a document what a schema refuses, so that everything else of it can still be checked and all mistakes
// are reported at once. The result has passed the schema.
import { pointerKeys, pointerTo } from "../lib/json-pointer.ts";
import { isRecord } from "./documents.ts";
import type { SchemaError, Validator } from "./schema-error.ts";
import { fillerFor, propertiesAt, valueAt } from "./schema-walk.ts";

/** What is left of a document. */
export interface Pruned<T> {
  value: T;
  /** Items of a list with the index that they have in the file. */
  items<Item>(list: readonly Item[]): [index: number, item: Item][];
}

/** What is needed and missing is filled in by the schema. Undefined when nothing usable is left. */
export function prune<T>(
  document: Record<string, unknown>,
  { schema, validate }: { schema: unknown; validate: Validator<T> },
): Pruned<T> | undefined {
  // Through JSON, because parts that an alias shares have to become apart.
  const value: unknown = JSON.parse(JSON.stringify(document));
  const indexes = new WeakMap<readonly unknown[], number[]>();
  const items = <Item>(list: readonly Item[]): [number, Item][] =>
    list.map((item, position) => [indexes.get(list)?.[position] ?? position, item]);
  for (let pass = 0; pass < passCountMax; pass++) {
    if (validate(value)) return { value, items };
    const lists = new Set<unknown[]>();
    for (const error of validate.errors ?? []) {
      if (error.keyword === "required") fill(value, error, schema);
      else cut(value, keysToCut(error), lists);
    }
    for (const list of lists) compact(list, indexes);
  }
  return undefined;
}

function fill(root: unknown, error: SchemaError, schema: unknown): void {
  const key = String(error.params["missingProperty"]);
  const parent = valueAt(root, error.instancePath);
  if (isRecord(parent)) parent[key] = fillerFor(propertiesAt(schema, error)[key]);
}

/** What has to go for this finding: the key it names, or else the value. */
function keysToCut({ instancePath, params, propertyName }: SchemaError): string[] {
  const added = params["additionalProperty"];
  const key = typeof added === "string" ? added : propertyName;
  return key === undefined ? pointerKeys(instancePath) : [...pointerKeys(instancePath), key];
}

function cut(root: unknown, keys: readonly string[], lists: Set<unknown[]>): void {
  const last = keys.at(-1);
  if (last === undefined) return;
  const parent = valueAt(root, pointerTo("", ...keys.slice(0, -1)));
  if (Array.isArray(parent)) {
    parent[Number(last)] = removed;
    lists.add(parent);
  } else if (isRecord(parent)) {
    delete parent[last];
  }
}

function compact(list: unknown[], indexes: WeakMap<readonly unknown[], number[]>): void {
  const before = indexes.get(list) ?? list.map((_, index) => index);
  indexes.set(
    list,
    before.filter((_, position) => list[position] !== removed),
  );
  list.splice(0, list.length, ...list.filter((item) => item !== removed));
}

const removed = Symbol("removed");
/** Each pass repairs what the one before has laid open, and documents are not that deep. */
const passCountMax = 16;
