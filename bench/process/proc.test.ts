import { test } from "tap";
import { parseCores, parseField, parseSchedstat, parseStat, sampleProcess } from "./proc.ts";

test("run time is the first field of schedstat", (t) => {
  t.equal(parseSchedstat("3260851525 8024771 8693\n"), 3_260_851_525);
  t.end();
});

test("user and system ticks are found behind a process name with blanks and parentheses", (t) => {
  const line = "42 (a) b (c)) S 1 42 42 0 -1 4194304 100 0 0 0 17 5 0 0 20 0 1 0 123\n";
  t.same(parseStat(line), { userTicks: 17, systemTicks: 5 });
  t.end();
});

test("a field is told from another that begins alike", (t) => {
  const text = "Pss_Dirty:  7 kB\nPss:   340 kB\nPrivate_Dirty:   112 kB\n";
  t.equal(parseField(text, "Pss"), 340);
  t.equal(parseField(text, "Private_Dirty"), 112);
  t.equal(parseField(text, "Rss"), 0);
  t.end();
});

test("cores count steal and softirq as busy and waiting for disks as idle", (t) => {
  const text = "cpu  9 9 9 9\ncpu0 10 1 20 100 5 2 3 4 0 0\ncpu1 1 0 0 0 0 0 0 0 0 0\nintr 5\n";
  const [first, second] = parseCores(text);
  t.same(first, { busyTicks: 40, idleTicks: 105, softirqTicks: 3, stealTicks: 4 });
  t.equal(second?.busyTicks, 1);
  t.end();
});

test("this very process has used CPU time and memory", (t) => {
  const sample = sampleProcess(process.pid);
  t.ok(sample.cpuNs > 0);
  t.ok(sample.rssBytes > sample.privateDirtyBytes);
  t.ok(sample.privateDirtyBytes > 0);
  t.end();
});
