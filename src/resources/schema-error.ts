// What the generated validators look like from outside: a type guard that leaves its findings beside itself.

/** Tells whether a value has passed a schema; `errors` holds the findings of the last call. */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: SchemaError[] | null;
}

/** One finding, in the terms of JSON Schema. */
export interface SchemaError {
  /** JSON Pointer of the value in question. */
  instancePath: string;
  /** JSON Pointer of the keyword in the schema, with a leading `#`. */
  schemaPath: string;
  keyword: string;
  params: Record<string, unknown>;
  /** Set where a key and not a value is in question. */
  propertyName?: string;
}
