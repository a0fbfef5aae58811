// Snapshot to bytes and back: JSON without white space, keys in the order of the Rust structs, absent options left
// out. Equal snapshots give equal bytes, and Rust writes the same ones.
import { invariant } from "../lib/invariant.ts";
import { pointerTo } from "../lib/json-pointer.ts";
import type { Endpoints } from "./generated/Endpoints.ts";
import type { Snapshot } from "./generated/Snapshot.ts";
import { type Shape, endpointsShape, snapshotShape } from "./shapes.ts";

/** The canonical form of a snapshot, UTF-8. */
export function encode(snapshot: Snapshot): Uint8Array {
  return utf8.encode(JSON.stringify(canonical(snapshot)));
}

/** An equal snapshot whose keys are in the order of the structs. */
export function canonical(snapshot: Snapshot): Snapshot {
  return ordered(snapshot, snapshotShape, "") as Snapshot;
}

/** The canonical form of the endpoints part alone. */
export function encodeEndpoints(endpoints: Endpoints): Uint8Array {
  return utf8.encode(JSON.stringify(ordered(endpoints, endpointsShape, "")));
}

/**
 * Reads a snapshot; an `Error` value names the first place where the bytes are not one. Unknown and missing fields are
 * refused; what the values mean is checked by `consistent`.
 */
export function decode(bytes: Uint8Array): Snapshot | Error {
  try {
    return canonical(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A copy with the fields of the shape in their order; throws where the value does not have the shape. */
function ordered(value: unknown, shape: Shape, at: string): unknown {
  switch (shape.kind) {
    case "count":
      expect(
        typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
        at,
        "a whole number",
      );
      return value;
    case "text":
      expect(typeof value === "string" && !loneSurrogate.test(value), at, "a string");
      return value;
    case "flag":
      expect(typeof value === "boolean", at, "true or false");
      return value;
    case "word":
      expect(shape.words.includes(String(value)), at, shape.words.join(" or "));
      return value;
    case "list":
      expect(Array.isArray(value), at, "a list");
      return (value as unknown[]).map((item, index) =>
        ordered(item, shape.item, pointerTo(at, index)),
      );
    case "struct":
      return orderedStruct(value, shape, at);
    case "variants": {
      const { kind, ...fields } = asRecord(value, at);
      const variant = shape.variants[String(kind)];
      expect(variant !== undefined, at, `a variant of ${Object.keys(shape.variants).join(" or ")}`);
      invariant(variant?.kind === "struct", "variants are structs");
      return { kind, ...orderedStruct(fields, variant, at) };
    }
  }
}

function orderedStruct(
  value: unknown,
  shape: Extract<Shape, { kind: "struct" }>,
  at: string,
): Record<string, unknown> {
  const record = asRecord(value, at);
  const unknown = Object.keys(record).find((key) => !Object.hasOwn(shape.fields, key));
  expect(unknown === undefined, pointerTo(at, unknown ?? ""), "left out: no such field exists");
  const result: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(shape.fields)) {
    if (record[key] === undefined && shape.optional.includes(key)) continue;
    result[key] = ordered(record[key], field, pointerTo(at, key));
  }
  return result;
}

function asRecord(value: unknown, at: string): Record<string, unknown> {
  expect(typeof value === "object" && value !== null && !Array.isArray(value), at, "an object");
  return value as Record<string, unknown>;
}

function expect(holds: boolean, at: string, expected: string): void {
  if (!holds)
    throw new TypeError(`not a snapshot: ${at === "" ? "the root" : at} has to be ${expected}`);
}

const utf8 = new TextEncoder();
/** Has no UTF-8 form. */
const loneSurrogate = /\p{Surrogate}/u;
