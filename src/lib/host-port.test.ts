import { test } from "tap";
import { canonicalIp, formatHostPort, parseHostPort } from "./host-port.ts";

test("addresses and names are read in one canonical form", (t) => {
  t.strictSame(parseHostPort("127.0.0.1:80"), { host: "127.0.0.1", port: 80, kind: "ip" });
  t.strictSame(parseHostPort("[0:0::1]:65535"), { host: "::1", port: 65535, kind: "ip" });
  t.strictSame(parseHostPort("DB.internal:1"), { host: "db.internal", port: 1, kind: "name" });
  t.strictSame(parseHostPort("my_db.local.:1"), { host: "my_db.local.", port: 1, kind: "name" });
  t.end();
});

test("everything else is refused", (t) => {
  const texts = [
    "",
    "127.0.0.1",
    ":80",
    "127.0.0.1:",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "127.0.0.1:080",
    "127.0.0.01:80",
    "1.2.3:80",
    "256.0.0.1:80",
    "::1:80",
    "[127.0.0.1]:80",
    "[::1%eth0]:80",
    "[::1/x]:80",
    "[::1",
    "a..b:80",
    "-a:80",
    "a-:80",
    "a b:80",
    "user@host:80",
    "http://host:80",
    `${"a".repeat(64)}:80`,
    `${"a.".repeat(127)}a:80`,
  ];
  t.strictSame(
    texts.filter((text) => !(parseHostPort(text) instanceof Error)),
    [],
  );
  t.end();
});

test("brackets stand around IPv6 addresses only", (t) => {
  t.equal(formatHostPort("10.0.0.1", 80), "10.0.0.1:80");
  t.equal(formatHostPort("fd00::1", 80), "[fd00::1]:80");
  t.end();
});

test("an IP address has one spelling", (t) => {
  t.equal(canonicalIp("FD00:0:0::1"), "fd00::1");
  t.equal(canonicalIp("10.0.0.1"), "10.0.0.1");
  t.equal(canonicalIp("10.0.0"), undefined);
  t.equal(canonicalIp("fd00::1::2"), undefined);
  t.end();
});
