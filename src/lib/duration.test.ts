import { test } from "tap";
import { formatDurationMs, parseDurationMs } from "./duration.ts";

test("durations of the Gateway API are read in milliseconds", (t) => {
  t.strictSame(
    ["0s", "15s", "500ms", "1m30s", "1h", "10s30s10ms"].map(parseDurationMs),
    [0, 15_000, 500, 90_000, 3_600_000, 40_010],
  );
  t.end();
});

test("other texts are no durations", (t) => {
  const texts = ["", "15", "1.5s", "-1s", "1d", "1 s", "100000s", "1h1m1s1ms1ms", "s"];
  t.strictSame(
    texts.filter((text) => parseDurationMs(text) !== undefined),
    [],
  );
  t.end();
});

test("a duration is written in its shortest form", (t) => {
  t.strictSame([0, 250, 15_000, 90_000, 3_600_001].map(formatDurationMs), [
    "0s",
    "250ms",
    "15s",
    "1m30s",
    "1h1ms",
  ]);
  t.equal(formatDurationMs(0.5), undefined);
  t.equal(formatDurationMs(100_000 * 3_600_000), undefined);
  t.end();
});
