// Finds the way in documents and schemas by JSON Pointer.
import { pointerKeys } from "../lib/json-pointer.ts";
import { isRecord } from "./documents.ts";
import type { SchemaError } from "./schema-error.ts";

/** The value that a pointer names; undefined where there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const key of pointerKeys(pointer)) {
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isRecord(value) ? value[key] : undefined;
  }
  return value;
}

/** The `properties` of the schema whose keyword has found something. */
export function propertiesAt(
  schema: unknown,
  { schemaPath }: SchemaError,
): Record<string, unknown> {
  const keyword = schemaPath.slice(1);
  const parent = valueAt(schema, keyword.slice(0, keyword.lastIndexOf("/")));
  const properties = isRecord(parent) ? parent["properties"] : undefined;
  return isRecord(properties) ? properties : {};
}

/** A value that can stand in for a missing one until its own members are checked. */
export function fillerFor(schema: unknown): unknown {
  if (!isRecord(schema)) return filler;
  const { type, items, minItems } = schema;
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  if (schema["const"] !== undefined) return schema["const"];
  if (type === "object") return {};
  if (type === "array") return typeof minItems === "number" ? [fillerFor(items)] : [];
  return type === "integer" ? schema["minimum"] : filler;
}

/** Has the form of every name that a schema asks for. */
const filler = "unnamed";
