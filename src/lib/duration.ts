// Durations as the Gateway API writes them (GEP-2257): one to four numbers with a unit each, such as `1m30s`.

/** Milliseconds of a duration; undefined when the text has another form. */
export function parseDurationMs(text: string): number | undefined {
  if (!form.test(text)) return undefined;
  let totalMs = 0;
  for (const [, digits = "", unit = ""] of text.matchAll(part))
    totalMs += Number(digits) * (unitMs[unit] ?? 0);
  return totalMs;
}

/** The shortest such text for a number of whole milliseconds; undefined for what four parts cannot hold. */
export function formatDurationMs(durationMs: number): string | undefined {
  let restMs = durationMs;
  let text = "";
  for (const [unit, ms] of Object.entries(unitMs)) {
    const count = Math.floor(restMs / ms);
    restMs -= count * ms;
    if (count > 0) text += `${count}${unit}`;
  }
  const whole = text === "" ? "0s" : text;
  return restMs === 0 && form.test(whole) ? whole : undefined;
}

const form = /^([0-9]{1,5}(h|m|s|ms)){1,4}$/;
const part = /([0-9]{1,5})(h|ms|m|s)/g;
/** From the longest unit to the shortest. */
const unitMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
