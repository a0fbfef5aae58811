import { test } from "tap";
import { diff } from "./diff.ts";
import { sample } from "./sample.ts";

test("versions and the order of keys are no change", (t) => {
  const { version: _version, ...rest } = sample();
  const later = { ...rest, version: 4, endpoints: { ...rest.endpoints, version: 8 } };
  t.strictSame(diff(sample(), later), { configuration: false, endpoints: false, changes: [] });
  t.end();
});

test("a new endpoint changes the endpoints alone", (t) => {
  const later = sample();
  later.endpoints.services[1]?.push({ address: "10.0.0.5:5432" });
  t.strictSame(diff(sample(), later), {
    configuration: false,
    endpoints: true,
    changes: [{ kind: "changed", resource: "endpoints default/db" }],
  });
  t.end();
});

test("a service that moves in the table changes the configuration but no resource", (t) => {
  const later = sample();
  later.services.reverse();
  later.endpoints.services.reverse();
  later.listeners = later.listeners.map((each) => ({ ...each, service: 1 - each.service }));
  const [rule] = later.rules;
  rule?.backends.splice(0, 1, { weight: 9, target: { kind: "service", service: 1 } });
  t.strictSame(diff(sample(), later), { configuration: true, endpoints: true, changes: [] });
  t.end();
});

test("added, removed and changed resources are named", (t) => {
  const later = sample();
  later.listeners.shift();
  later.rules = later.rules.map((rule) => ({ ...rule, backends: [] }));
  later.rules.push({ ...later.rules[0]!, route: "default/new" });
  t.strictSame(diff(sample(), later).changes, [
    { kind: "removed", resource: "listener edge" },
    { kind: "changed", resource: "route default/pay" },
    { kind: "added", resource: "route default/new" },
  ]);
  t.end();
});
