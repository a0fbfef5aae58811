import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "tap";
import { allocatePorts } from "./ports.ts";

const edges = [
  { source: "web", target: "api" },
  { source: "api", target: "db" },
];
const free = (): Promise<boolean> => Promise.resolve(true);

test("edges get the first free ports from 15101 upward", async (t) => {
  const taken = new Set([15_101, 15_103]);
  const ports = await allocatePorts(edges, new Map(), (port) => Promise.resolve(!taken.has(port)));
  t.same(
    [...ports],
    [
      ["web->api", 15_102],
      ["api->db", 15_104],
    ],
  );
});

test("an edge keeps its port when others come and go", async (t) => {
  const before = await allocatePorts(edges, new Map(), free);
  const after = await allocatePorts(
    [{ source: "new", target: "db" }, ...edges.slice(1)],
    before,
    free,
  );
  t.equal(after.get("api->db"), before.get("api->db"));
  t.notOk(after.has("web->api"));
  t.equal(
    after.get("new->db"),
    15_103,
    "the port of the edge that went is not handed on in the same change",
  );
});

test("a port that somebody listens on is passed over", async (t) => {
  const [first = 0] = (await allocatePorts(edges, new Map())).values();
  const server = createServer().listen(first, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const [next = 0] = (await allocatePorts(edges, new Map())).values();
  t.ok(next > first);
});
