// Each fault does what its name says, seen from both ends of a connection.
import type { Test } from "tap";
import { RawPeer } from "../support/raw-peer.ts";
import { scenario } from "../support/scenario.ts";
import { startRawOrigin, type RawOrigin } from "../support/start-raw-origin.ts";
import { until } from "../support/until.ts";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
import type { ConnectionFaults } from "./faults.ts";

scenario("without faults bytes and both ends pass", async (t) => {
  const { client, server } = await pair(t, {});
  client.send("question");
  t.equal(await server.received("question"), "question");
  client.finish();
  t.equal(await server.ended(), "fin");
  server.send("answer").finish();
  t.equal(await client.received("answer"), "answer");
  t.equal(await client.ended(), "fin");
});

scenario("a reset of one end is a reset of the other", async (t) => {
  const { client, server } = await pair(t, {});
  client.send("x");
  await server.received("x");
  server.reset();
  t.equal(await client.ended(), "reset");
});

scenario("delay: bytes come so much later, in their order", async (t) => {
  const { client, server } = await pair(t, { up: { delayMs: 60, jitterMs: 20 } });
  const fromMs = performance.now();
  for (let index = 0; index < 50; index += 1) client.send(`${index};`);
  const text = await server.received("49;");
  t.ok(performance.now() - fromMs >= 55, "not before");
  t.equal(text, Array.from({ length: 50 }, (_, index) => `${index};`).join(""));
});

scenario("bandwidth: so many bytes take so long", async (t) => {
  const { client, server } = await pair(t, { down: { bytesPerSecond: 100_000 } });
  const fromMs = performance.now();
  server.send(`${"x".repeat(20_000)}end`);
  await client.received("end");
  t.ok(performance.now() - fromMs >= 190, "20 kB at 100 kB/s take 200 ms");
});

scenario("slice: one byte at a time, and all of them", async (t) => {
  const { client, server } = await pair(t, { up: { sliceBytes: 1 } });
  client.send("a rather short text");
  t.equal(await server.received("text"), "a rather short text");
});

scenario("corrupt: one byte is another, the rest is as it was", async (t) => {
  const { client, server } = await pair(t, { down: { corruptAt: 3 } });
  server.send("012").send("3456");
  t.equal(await client.received("456"), `012${String.fromCharCode(0xff - 0x33)}456`);
});

scenario("reset: it is over after an exact number of bytes", async (t) => {
  const { client, server } = await pair(t, { down: { stop: { afterBytes: 4, how: "reset" } } });
  server.send("123456");
  t.equal(await server.ended(), "reset");
  // Node tells a reset that comes together with data as an end.
  await client.ended();
  t.ok("1234".startsWith(client.text), "nothing behind the stop");
});

scenario("reset after no byte: the question passes, the answer resets", async (t) => {
  const { client, server } = await pair(t, { down: { stop: { afterBytes: 0, how: "reset" } } });
  client.send("question");
  await server.received("question");
  server.send("answer");
  t.equal(await client.ended(), "reset");
  t.equal(client.text, "");
  t.equal(await server.ended(), "reset");
});

scenario("a stop may wait for the byte that does not pass", async (t) => {
  const stop = { afterBytes: 3, how: "reset", atNextByte: true } as const;
  const { client, server } = await pair(t, { down: { stop } });
  server.send("123");
  await client.received("123");
  client.send("still open");
  await server.received("open");
  server.send("4");
  t.equal(await client.ended(), "reset");
});

scenario("finish: a FIN after an exact number of bytes, the other way goes on", async (t) => {
  const { client, server } = await pair(t, { down: { stop: { afterBytes: 4, how: "finish" } } });
  server.send("123456");
  t.equal(await client.ended(), "fin");
  t.equal(client.text, "1234");
  client.send("still here");
  t.equal(await server.received("here"), "still here");
});

scenario("stop writing: what is sent is read and lost, and no end comes", async (t) => {
  const { client, server } = await pair(t, {
    down: { stop: { afterBytes: 2, how: "stopWriting" } },
  });
  server.send("12345").finish();
  await client.received("12");
  client.send("and the other way?");
  await server.received("way?");
  t.equal(client.text, "");
  t.equal(client.end, "open");
});

scenario("stop reading: the sender meets a full window, and no end comes", async (t) => {
  const { client, server } = await pair(t, { up: { stop: { afterBytes: 2, how: "stopReading" } } });
  client.send("12").send("x".repeat(16_000_000));
  await server.received("12");
  server.send("and the other way?");
  await client.received("way?");
  t.ok(client.unsentBytes > 0, "the kernel takes no more");
  t.equal(server.text, "");
  t.equal(server.end, "open");
});

scenario(
  "duplicate accept: the target gets the connection twice, the client one answer",
  async (t) => {
    const { client, server, origin } = await pair(t, { accept: "twice" });
    const double = await origin.next();
    client.send("once");
    await Promise.all([server.received("once"), double.received("once")]);
    double.send("from the double");
    server.send("from the first");
    t.equal(await client.received("first"), "from the first");
  },
);

scenario("black hole: accepted, read, and never answered", async (t) => {
  const origin = await startRawOrigin(t);
  const proxy = await startFaultProxy(t, origin.port, { accept: "never" });
  const client = RawPeer.connect(t, proxy.port).send("x".repeat(1_000_000));
  await until("everything was read", () => client.unsentBytes === 0);
  t.equal(origin.count, 0);
  t.equal(client.end, "open");
});

scenario("a connection keeps the faults that were set when it came", async (t) => {
  const { client, server, proxy, origin } = await pair(t, {});
  proxy.faults = { up: { stop: { afterBytes: 0, how: "stopWriting" } } };
  const second = RawPeer.connect(t, proxy.port).send("lost");
  const target = await origin.next();
  client.send("passes");
  await server.received("passes");
  t.equal(target.text, "");
  t.equal(proxy.open, 2);
  proxy.resetAll();
  t.strictSame(await Promise.all([client.ended(), second.ended()]), ["reset", "reset"]);
});

async function pair(
  t: Test,
  faults: ConnectionFaults,
): Promise<{ client: RawPeer; server: RawPeer; proxy: FaultProxy; origin: RawOrigin }> {
  const origin = await startRawOrigin(t);
  const proxy = await startFaultProxy(t, origin.port, faults);
  const client = RawPeer.connect(t, proxy.port);
  return { client, server: await origin.next(), proxy, origin };
}
