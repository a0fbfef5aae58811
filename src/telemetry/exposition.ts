// Writes metric families in the Prometheus text format 0.0.4: one HELP and TYPE line per family, escaped label values,
// families without samples left out.

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** Appended to the family's name, such as `_bucket`; empty for counters and gauges. */
  suffix?: string;
  labels: Labels;
  value: number;
}

export interface Family {
  name: string;
  type: "counter" | "gauge" | "histogram";
  help: string;
  samples: Sample[];
}

export function writeExposition(families: Iterable<Family>): string {
  let text = "";
  for (const family of families) {
    if (family.samples.length === 0) continue;
    text += `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`;
    for (const sample of family.samples) text += line(family.name + (sample.suffix ?? ""), sample);
  }
  return text;
}

/** The samples of one histogram: cumulative counts at the bounds, then sum and count. */
export function histogramSamples(labels: Labels, values: HistogramValues): Sample[] {
  const samples = values.bounds.map((bound, index) => ({
    suffix: "_bucket",
    labels: { ...labels, le: String(bound) },
    value: values.cumulative[index] ?? 0,
  }));
  return [
    ...samples,
    { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: values.count },
    { suffix: "_sum", labels, value: values.sum },
    { suffix: "_count", labels, value: values.count },
  ];
}

export interface HistogramValues {
  bounds: readonly number[];
  cumulative: readonly number[];
  sum: number;
  count: number;
}

function line(name: string, sample: Sample): string {
  const pairs = Object.entries(sample.labels).map(
    ([label, value]) => `${label}="${escapeValue(value)}"`,
  );
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${sample.value}\n`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
