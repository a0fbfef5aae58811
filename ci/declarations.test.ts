import { test } from "tap";
import { declarationsOf } from "./declarations.ts";

test("functions and interfaces are declared in the order of their names", (t) => {
  const notes = [
    '{"kind":"fn","name":"open","js_doc":"/** Opens. */\\n","def":"function open(options: Options): void"}',
    '{"kind":"interface","name":"Options","def":"/** Number of shards. */\\nshards: number"}',
    "",
  ].join("\n");
  t.equal(
    declarationsOf(notes),
    `// Generated from native/binding by ci/generated. Do not edit.

export interface Options {
  /** Number of shards. */
  shards: number
}

/** Opens. */
export declare function open(options: Options): void;
`,
  );
  t.end();
});

test("an item that the boundary does not have is refused", (t) => {
  const notes = '{"kind":"struct","name":"Shard","def":"constructor()"}\n';
  t.throws(() => declarationsOf(notes), { message: /struct/ });
  t.end();
});
