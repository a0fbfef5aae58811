import { test } from "tap";
import { httpCell, sampleStats } from "./sample-stats.ts";
import { summarizeServices } from "./service-summary.ts";

test("without an earlier reading the summary covers everything", (t) => {
  const [api] = summarizeServices(sampleStats(), undefined, 2_000);
  t.match(api, { name: "api", count: 100, perSecond: 50, successRatio: 0.9, connections: 2 });
  t.ok((api?.p50Ns ?? 0) > 900_000 && (api?.p50Ns ?? 0) < 1_100_000, "the median is about 1 ms");
  t.end();
});

test("with an earlier reading it covers what came in between", (t) => {
  const later = sampleStats();
  const more = httpCell();
  more.requests = [
    { status: 200, count: 104 },
    { status: 404, count: 6 },
    { status: 503, error: "connection_refused", count: 10 },
  ];
  more.duration[0] = {
    class: "success",
    count: 104,
    sumNs: 0,
    buckets: [
      [350, 84],
      [398, 20],
    ],
  };
  const [api] = summarizeServices({ ...later, cells: [more] }, sampleStats(), 1_000);
  t.match(api, { count: 20, perSecond: 20, successRatio: 1 });
  t.ok((api?.p50Ns ?? 0) > 2_900_000, "only the new, slow requests count");
  t.end();
});

test("a tcp service is measured by its connections", (t) => {
  const db = summarizeServices(sampleStats(), undefined, 1_000)[1];
  t.match(db, { name: "db", count: 8, perSecond: 8, connections: 1, sentBytesPerSecond: 900 });
  t.equal(db?.successRatio, undefined);
  t.equal(db?.p99Ns, undefined);
  t.end();
});

test("a quiet window has no success ratio and no percentiles", (t) => {
  const [api] = summarizeServices(sampleStats(), sampleStats(), 1_000);
  t.match(api, { count: 0, perSecond: 0 });
  t.equal(api?.successRatio, undefined);
  t.equal(api?.p50Ns, undefined);
  t.end();
});
