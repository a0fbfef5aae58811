import { test } from "tap";
import { codes } from "./codes.ts";
import { endpointsFileSchema } from "./endpoints-file.ts";
import { explainedKeywords } from "./explain.ts";
import { forms } from "./forms.ts";
import { httpRouteSchema } from "./http-route.ts";
import { meshSchema } from "./mesh.ts";
import { serviceObjectSchema } from "./service-object.ts";

const schemas = [meshSchema, httpRouteSchema, endpointsFileSchema, serviceObjectSchema];
/** Keywords that annotate, or that only hold other schemas. */
const silent = ["$schema", "title", "description", "default", "examples", "properties", "items"];

test("every pattern of a schema has words", (t) => {
  const patterns = members(schemas).filter(([key]) => key === "pattern");
  t.ok(patterns.length > 5);
  t.strictSame(
    patterns.map(([, pattern]) => String(pattern)).filter((pattern) => !(pattern in forms)),
    [],
  );
  t.end();
});

test("every form of a name has words that are used", (t) => {
  const patterns = new Set(members(schemas).map(([, value]) => value));
  t.strictSame(
    Object.keys(forms).filter((pattern) => !patterns.has(pattern)),
    [],
  );
  t.end();
});

test("every keyword of a schema has words", (t) => {
  const keywords = new Set(schemas.flatMap((schema) => [...keywordsOf(schema)]));
  const known = new Set([...explainedKeywords, ...silent]);
  t.ok(keywords.size > 10);
  t.strictSame(
    [...keywords].filter((keyword) => !known.has(keyword)),
    [],
  );
  t.end();
});

test("every code has a meaning that is a sentence", (t) => {
  const meanings = Object.values(codes).map(({ meaning }) => meaning);
  t.strictSame(
    meanings.filter((meaning) => !/^[A-Z].*\.$/.test(meaning)),
    [],
  );
  t.equal(new Set(meanings).size, meanings.length, "no two codes mean the same");
  t.end();
});

/** Every key and value at any depth. */
function members(value: unknown): [key: string, value: unknown][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [[key, member], ...members(member)]);
}

function keywordsOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, value]: [string, unknown]) => {
    const within = keyword === "properties" ? Object.values(value as object) : [value];
    const holds = ["properties", "items", "additionalProperties", "propertyNames"].includes(
      keyword,
    );
    return [keyword, ...(holds ? within.flatMap(keywordsOf) : [])];
  });
}
