// From the findings of a validator to words: one row per keyword of JSON Schema that our schemas use.
import { pointerTo, readablePointer } from "../lib/json-pointer.ts";
import { nearest } from "../lib/nearest.ts";
import type { Code } from "./codes.ts";
import { isRecord } from "./documents.ts";
import { forms } from "./forms.ts";
import { didYouMean, found, oneOf } from "./found.ts";
import type { Part } from "./locate.ts";
import type { SchemaError } from "./schema-error.ts";
import { propertiesAt, valueAt } from "./schema-walk.ts";
import { type Unsupported, unsupported } from "./unsupported.ts";

/** A mistake before it has a place in a file. */
export interface Finding {
  code: Code;
  pointer: string;
  part: Part;
  message: string;
  hint: string;
  /** What is not as it should be, where that is not what the pointer names. */
  damage?: string;
}

export interface Explained {
  schema: unknown;
  unsupported: readonly Unsupported[];
  /** The document. */
  value: unknown;
}

export function explain(error: SchemaError, context: Explained): Finding | undefined {
  const row = explainers[error.keyword];
  if (row !== undefined) return row(error, context);
  throw new Error(`no words for the keyword '${error.keyword}' of a schema`);
}

type Explainer = (error: SchemaError, context: Explained) => Finding | undefined;

const explainers: Record<string, Explainer> = {
  additionalProperties: (error, context) => {
    const { instancePath, params } = error;
    const key = String(params["additionalProperty"]);
    const pointer = pointerTo(instancePath, key);
    const row = unsupported(context.unsupported, pointer);
    if (row !== undefined)
      return notSupported(row, { pointer, part: "key", what: `'${key}'${inside(instancePath)}` });
    const known = Object.keys(propertiesAt(context.schema, error));
    const meant = nearest(key, known);
    const message = `unknown field '${key}'${inside(instancePath)}${didYouMean(meant)}`;
    const hint =
      meant === undefined
        ? `remove it; the fields here are ${known.join(", ")}`
        : `write '${meant}'`;
    return { code: "HED2010", pointer, part: "key", message, hint };
  },
  required: (error, { schema }) => {
    const { instancePath, params } = error;
    const key = String(params["missingProperty"]);
    const property = propertiesAt(schema, error)[key];
    const described = isRecord(property) ? property["description"] : undefined;
    const purpose = typeof described === "string" ? `: ${described}` : "";
    const message = `${subject(instancePath)} has no '${key}'`;
    const damage = pointerTo(instancePath, key);
    const hint = `add '${key}'${purpose}`;
    return { code: "HED2012", pointer: instancePath, part: "key", message, hint, damage };
  },
  type: ({ instancePath, params }, { value }) => {
    const types = String(params["type"]).split(",");
    const actual = valueAt(value, instancePath);
    const expected = oneOf(types.map((type) => typeWords[type] ?? type));
    const message = `${subject(instancePath)} must be ${expected}, found ${found(actual)}`;
    return {
      code: "HED2013",
      pointer: instancePath,
      part: "value",
      message,
      hint: typeHint(types, actual),
    };
  },
  enum: ({ instancePath, params }, context) => {
    const allowed = (params["allowedValues"] as unknown[]).map(String);
    const actual = valueAt(context.value, instancePath);
    // A value of another type has a finding of its own.
    const values = params["allowedValues"] as unknown[];
    if (!values.some((value) => typeof value === typeof actual)) return undefined;
    const row = unsupported(context.unsupported, instancePath, actual);
    const what = `'${String(actual)}' as ${readablePointer(instancePath)}`;
    if (row !== undefined) return notSupported(row, { pointer: instancePath, part: "value", what });
    const meant = typeof actual === "string" ? nearest(actual, allowed) : undefined;
    const words = oneOf(allowed.map((word) => (word === "" ? '""' : word)));
    const message = `${subject(instancePath)} must be ${words}, found ${found(actual)}${didYouMean(meant)}`;
    return {
      code: "HED2014",
      pointer: instancePath,
      part: "value",
      message,
      hint: `write ${meant ?? words}`,
    };
  },
  const: () => undefined,
  pattern: ({ instancePath, params, propertyName }, { value }) => {
    const { expected = "of another form", hint = "write another value" } =
      forms[String(params["pattern"])] ?? {};
    const pointer =
      propertyName === undefined ? instancePath : pointerTo(instancePath, propertyName);
    const actual = propertyName ?? valueAt(value, pointer);
    const name =
      propertyName === undefined ? subject(pointer) : `a key of ${subject(instancePath)}`;
    const message = `${name} must be ${expected}, found ${found(actual)}`;
    return {
      code: "HED2015",
      pointer,
      part: propertyName === undefined ? "value" : "key",
      message,
      hint,
    };
  },
  // The pattern inside has its own finding, which names the key.
  propertyNames: () => undefined,
  minimum: (error, context) => bound(error, context, "at least"),
  maximum: (error, context) => bound(error, context, "at most"),
  minItems: (error, context) => bound(error, context, "items or more"),
  maxItems: (error, context) => bound(error, context, "items or fewer"),
  maxLength: (error, context) => bound(error, context, "characters or fewer"),
};

/** Every keyword that has words. */
export const explainedKeywords: readonly string[] = Object.keys(explainers);

function bound({ instancePath, params }: SchemaError, { value }: Explained, word: string): Finding {
  const limit = String(params["limit"]);
  const actual = valueAt(value, instancePath);
  const isNumber = typeof actual === "number";
  const size = Array.isArray(actual) || typeof actual === "string" ? actual.length : actual;
  const message = isNumber
    ? `${subject(instancePath)} must be ${word} ${limit}, found ${actual}`
    : `${subject(instancePath)} must have ${limit} ${word}, found ${String(size)}`;
  const empty = size === 0 && !isNumber;
  const hint = empty
    ? "add an item, or remove the field"
    : isNumber
      ? `write a number ${word} ${limit}`
      : "make it shorter";
  return { code: "HED2016", pointer: instancePath, part: "value", message, hint };
}

function notSupported(
  row: Unsupported,
  place: { pointer: string; part: Part; what: string },
): Finding {
  const { pointer, part, what } = place;
  const hint = row.instead ?? "remove it: what it asks for would not happen";
  return { code: "HED2011", pointer, part, message: `${what} is not supported yet`, hint };
}

function typeHint(types: readonly string[], actual: unknown): string {
  if (types.includes("integer") && typeof actual === "string" && /^[0-9]+$/.test(actual)) {
    return `write ${actual} without quotes`;
  }
  if (types.includes("string") && (typeof actual === "number" || typeof actual === "boolean")) {
    return `put it in quotes: "${actual}"`;
  }
  if (types.includes("array") && (typeof actual === "string" || typeof actual === "number")) {
    return `write a list: [${actual}]`;
  }
  const expected = oneOf(types.map((type) => typeWords[type] ?? type));
  return actual === null ? `write ${expected}, or remove the field` : `write ${expected}`;
}

function inside(pointer: string): string {
  return pointer === "" ? "" : ` in ${readablePointer(pointer)}`;
}

function subject(pointer: string): string {
  return pointer === "" ? "the document" : readablePointer(pointer);
}

const typeWords: Record<string, string> = {
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  null: "nothing",
  object: "a map",
  string: "a text",
};
