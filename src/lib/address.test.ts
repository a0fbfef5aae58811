import { test } from "tap";
import { formatAddress, parseAddress } from "./address.ts";

test("an address is a path of this host or a host with a port", (t) => {
  t.strictSame(parseAddress("unix:/run/web.sock"), { kind: "unix", path: "/run/web.sock" });
  t.strictSame(parseAddress("[::1]:80"), { kind: "ip", host: "::1", port: 80 });
  t.end();
});

test("an address is written as it is read", (t) => {
  const texts = ["unix:/run/web.sock", "127.0.0.1:80", "[::1]:80", "db.internal:5432"];
  const parsed = texts.map((text) => parseAddress(text));
  t.strictSame(
    parsed.map((address) => (address instanceof Error ? address : formatAddress(address))),
    texts,
  );
  t.end();
});

test("a path that no socket can have, or that would need escapes elsewhere, is refused", (t) => {
  const texts = [
    "unix:",
    "unix:web.sock",
    "unix:./web.sock",
    "unix:@abstract",
    "unix:/run/",
    "unix:/run/a b",
    'unix:/run/"',
    "unix:/run/\\",
    "unix:/run/ü",
    "unix:/run/\n",
    `unix:/${"a".repeat(107)}`,
  ];
  t.strictSame(
    texts.filter((text) => !(parseAddress(text) instanceof Error)),
    [],
  );
  t.end();
});
