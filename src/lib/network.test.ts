import { test } from "tap";
import { canonicalNetwork } from "./network.ts";

test("networks are read in one canonical form", (t) => {
  t.equal(canonicalNetwork("10.0.0.0/8"), "10.0.0.0/8");
  t.equal(canonicalNetwork("127.0.0.1"), "127.0.0.1");
  t.equal(canonicalNetwork("2001:DB8:0::/32"), "2001:db8::/32");
  t.equal(canonicalNetwork("::/0"), "::/0");
  t.end();
});

test("everything else is no network", (t) => {
  const texts = [
    "",
    "10.0.0",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/",
    "::/129",
    "host/8",
    "[::1]",
  ];
  t.strictSame(
    texts.map(canonicalNetwork).filter((network) => network !== undefined),
    [],
  );
  t.end();
});
