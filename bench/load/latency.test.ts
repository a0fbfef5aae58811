import { createServer } from "node:http";
import { once } from "node:events";
import { t as root, test } from "tap";
import { measureLoad } from "./generator.ts";
import { mergedPercentiles } from "./latency.ts";
import { buildLoadPrograms } from "./programs.ts";

// Building and installing for the first time takes longer than a file may by default.
root.setTimeout(290_000);

test(
  "histograms of the generator decode here with the same percentiles",
  { timeout: 280_000 },
  async (t) => {
    const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    t.teardown(() => server.close());
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { load: program } = await buildLoadPrograms();
    const where = ["--mode", "http", "--address", `127.0.0.1:${port}`, "--connections", "4"];
    const length = ["--requests", "500", "--warmup", "0", "--handshake"];
    let samples = 0;
    const { report } = await measureLoad({ program, args: [...where, ...length] }, () => ++samples);
    const decoded = mergedPercentiles([report.latency.hdr]);
    t.equal(samples, 2);
    t.same(report.errors, {});
    t.ok(report.requests >= 500 && report.requests < 504, `${report.requests} requests`);
    t.match(report.latency.hdr, /^HISTFAAAA/);
    t.equal(decoded?.p50, report.latency.p50 / 1_000);
    t.equal(decoded?.p99, report.latency.p99 / 1_000);
    t.equal(decoded?.max, report.latency.max / 1_000);
  },
);

test("a generator that cannot connect says why", async (t) => {
  const { load: program } = await buildLoadPrograms();
  const args = ["--mode", "http", "--address", "127.0.0.1:1", "--handshake"];
  await t.rejects(
    measureLoad({ program, args }, () => 0),
    /refused/i,
  );
});

test("no histograms have no percentiles", (t) => {
  t.equal(mergedPercentiles([]), undefined);
  t.end();
});
