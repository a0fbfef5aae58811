// From the TAP of a test file to rows of a table: one for each top-level test, with its comments as what was measured.

export interface RowVerdict {
  name: string;
  passed: boolean;
  seconds: number;
  measured: string[];
}

/** A file that ends without a test is a row that failed. */
export function verdictsOf(output: string, file: string): RowVerdict[] {
  const rows: RowVerdict[] = [];
  let measured: string[] = [];
  for (const line of output.split("\n")) {
    const comment = /^ {4}# (?!Subtest|time=|failed )(.*)$/.exec(line)?.[1];
    if (comment !== undefined) measured.push(comment);
    const point = /^(not )?ok \d+ - (.*?)(?: # time=([\d.]+)(ms|s))?(?: \{)?$/.exec(line);
    if (point === null) continue;
    const [, not, name = "", time = "0", unit] = point;
    const seconds = unit === "s" ? Number(time) : Number(time) / 1_000;
    rows.push({ name, passed: not === undefined, seconds, measured });
    measured = [];
  }
  if (rows.length > 0) return rows;
  return [{ name: `${file} ran no test`, passed: false, seconds: 0, measured: [] }];
}

export function writeVerdicts(rows: readonly RowVerdict[]): string {
  const lines = rows.flatMap(({ name, passed, seconds, measured }) => [
    `${passed ? "holds   " : "VIOLATED"}  ${seconds.toFixed(1).padStart(7)} s  ${name}`,
    ...measured.map((text) => `${" ".repeat(22)}${text}`),
  ]);
  const broken = rows.filter(({ passed }) => !passed).length;
  return `${lines.join("\n")}\n\n${rows.length} rows, ${broken} violated\n`;
}
