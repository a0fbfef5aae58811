import { test } from "tap";
import { formatSrvRecord, parseSrvName, parseSrvRecord, preferred } from "./srv.ts";

test("an SRV name has a service, a protocol and a name", (t) => {
  t.strictSame(parseSrvName("srv:_HTTP._tcp.api.internal"), {
    kind: "srv",
    name: "_http._tcp.api.internal",
  });
  for (const wrong of ["srv:api.internal", "srv:_http._tcp", "srv:_http._tcp.a b", "srv:"])
    t.type(parseSrvName(wrong), Error, wrong);
  t.end();
});

test("a record is written and read in the form of a zone file", (t) => {
  const record = { priority: 10, weight: 60, port: 8080, target: "one.internal" };
  t.equal(formatSrvRecord(record), "10 60 8080 one.internal");
  t.strictSame(parseSrvRecord(formatSrvRecord(record)), record);
  t.end();
});

test("the lowest priority is used, and a weight of 0 is the smallest share", (t) => {
  const records = ["1 0 80 a", "1 20 80 b", "2 50 80 c"].map(parseSrvRecord);
  t.strictSame(preferred(records).map(formatSrvRecord), ["1 1 80 a", "1 20 80 b"]);
  t.strictSame(preferred([]), []);
  t.end();
});
