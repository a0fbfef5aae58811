import { test } from "tap";
import { decode, encode, encodeEndpoints } from "./codec.ts";
import { sample } from "./sample.ts";

test("what was encoded decodes to an equal snapshot", (t) => {
  t.strictSame(decode(encode(sample())), sample());
  t.end();
});

test("equal snapshots give equal bytes, whatever the order of their keys", (t) => {
  const reversed: unknown = JSON.parse(JSON.stringify(sample()), (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  );
  t.notSame(Object.keys(reversed as object), Object.keys(sample()));
  t.strictSame(encode(reversed as ReturnType<typeof sample>), encode(sample()));
  t.end();
});

test("there is no white space, and an absent option is left out", (t) => {
  const text = Buffer.from(encode(sample())).toString();
  t.ok(text.startsWith('{"version":3,"mesh":"shop","listeners":[{"name":"edge","address":'));
  t.match(text, '{"path":{"kind":"prefix","value":"/pay"},"headers":[]}');
  t.notOk(text.endsWith("\n"));
  t.end();
});

test("endpoints are encoded alone as they are inside", (t) => {
  const text = Buffer.from(encodeEndpoints(sample().endpoints)).toString();
  t.equal(text, '{"version":7,"services":[[{"address":"127.0.0.1:9001"}],[]]}');
  t.end();
});

test("bytes that are no snapshot are refused with the place", (t) => {
  const refused = (change: (snapshot: Record<string, unknown>) => unknown): string => {
    const value = JSON.parse(JSON.stringify(sample())) as Record<string, unknown>;
    const result = decode(Buffer.from(JSON.stringify(change(value))));
    return result instanceof Error ? result.message : "accepted";
  };
  t.match(
    refused((value) => ({ ...value, extra: 1 })),
    /\/extra has to be left out/,
  );
  t.match(
    refused((value) => ({ ...value, mesh: undefined })),
    /\/mesh has to be a string/,
  );
  t.match(
    refused((value) => ({ ...value, version: 1.5 })),
    /\/version has to be a whole number/,
  );
  t.match(
    refused((value) => ({ ...value, rules: {} })),
    /\/rules has to be a list/,
  );
  t.match(
    refused((value) => ({ ...value, origins: [5] })),
    /\/origins\/0 has to be an object/,
  );
  t.match(
    refused((value) => [value]),
    /the root has to be an object/,
  );
  t.ok(decode(Buffer.from("{")) instanceof Error);
  t.ok(decode(Buffer.from([0xff])) instanceof Error);
  t.end();
});

test("a variant that does not exist is refused", (t) => {
  const text = Buffer.from(encode(sample())).toString();
  const other = text.replace('"kind":"exact"', '"kind":"glob"').replace('"peakEwma"', '"random"');
  t.match(decode(Buffer.from(other)), { message: /balancer has to be peakEwma or/ });
  t.match(decode(Buffer.from(text.replace('"kind":"exact"', '"kind":"glob"'))), {
    message: /\/rules\/0\/matches\/0\/path has to be a variant of exact or prefix or regex/,
  });
  t.end();
});
