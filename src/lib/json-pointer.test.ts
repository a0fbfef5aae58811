import { test } from "tap";
import { isWithin, pointerKeys, pointerTo, readablePointer } from "./json-pointer.ts";

test("keys with slashes and tildes survive the way there and back", (t) => {
  const pointer = pointerTo("/a", "b/c", "d~e", 0, "");
  t.equal(pointer, "/a/b~1c/d~0e/0/");
  t.strictSame(pointerKeys(pointer), ["a", "b/c", "d~e", "0", ""]);
  t.strictSame(pointerKeys(""), []);
  t.end();
});

test("a value lies within itself and what holds it, not within its neighbour", (t) => {
  t.ok(isWithin("/a/b", "/a/b"));
  t.ok(isWithin("/a/b", "/a"));
  t.ok(isWithin("/a/b", ""));
  t.notOk(isWithin("/ab", "/a"));
  t.notOk(isWithin("/a", "/a/b"));
  t.end();
});

test("people read dots and brackets", (t) => {
  t.equal(readablePointer("/spec/rules/0/name"), "spec.rules[0].name");
  t.equal(readablePointer(""), "");
  t.end();
});
