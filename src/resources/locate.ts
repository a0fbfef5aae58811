// From a JSON Pointer to the place in the text: follows the nodes of the YAML parser, through aliases.
import { type Document, type Node, isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import { pointerKeys } from "../lib/json-pointer.ts";

/** Which half of `key: value` is meant. Items of a list have no key: theirs is the item itself. */
export type Part = "key" | "value";

/** Offset of what the pointer names; where it does not exist, of the key of the nearest thing around it. */
export function offsetOf(document: Document, pointer: string, part: Part): number {
  let value = resolved(document, document.contents);
  let keyOffset = value?.range?.[0] ?? 0;
  for (const key of pointerKeys(pointer)) {
    const step = child(value, key);
    if (step === undefined) return keyOffset;
    value = resolved(document, step.value);
    keyOffset = step.key?.range?.[0] ?? step.value?.range?.[0] ?? keyOffset;
  }
  return part === "key" ? keyOffset : (value?.range?.[0] ?? keyOffset);
}

function child(parent: Node | undefined, key: string): { key?: Node; value?: Node } | undefined {
  if (isSeq(parent)) {
    const item = parent.items[Number(key)];
    return isNode(item) ? { value: item } : undefined;
  }
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  if (pair === undefined) return undefined;
  return {
    ...(isNode(pair.key) && { key: pair.key }),
    ...(isNode(pair.value) && { value: pair.value }),
  };
}

function resolved(document: Document, node: Node | null | undefined): Node | undefined {
  return isAlias(node) ? node.resolve(document) : (node ?? undefined);
}
