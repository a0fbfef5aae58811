import { test } from "tap";
import { UsageError, parseOptions } from "./options.ts";

const names = ["heddle", "haproxy", "relay"];

test("without options heddle is measured against every peer, not against itself", (t) => {
  const options = parseOptions([], names);
  t.equal(options.caseName, "h1");
  t.equal(options.subject, "heddle");
  t.same(options.peers, ["haproxy", "relay"]);
  t.end();
});

test("peers can be compared among themselves", (t) => {
  const options = parseOptions(["--subject", "haproxy", "--peers", "relay"], names);
  t.equal(options.subject, "haproxy");
  t.same(options.peers, ["relay"]);
  t.end();
});

test("a smoke run is one short round whatever else is asked for", (t) => {
  const options = parseOptions(["--smoke", "--rounds", "9", "--seconds", "9"], names);
  t.equal(options.rounds, 1);
  t.equal(options.sliceSeconds, 1);
  t.end();
});

test("unknown cases, proxies and options and numbers that are none are usage errors", (t) => {
  t.throws(() => parseOptions(["--case", "h9"], names), UsageError);
  t.throws(() => parseOptions(["--peers", "apache"], names), UsageError);
  t.throws(() => parseOptions(["--round", "1"], names), UsageError);
  t.throws(() => parseOptions(["--rounds", "few"], names), UsageError);
  t.throws(() => parseOptions(["--seconds", "0"], names), UsageError);
  t.end();
});
