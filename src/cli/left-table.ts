// A table of words: every column to the left, the heads bold.
import type { Terminal } from "./terminal.ts";

/** The first line are the heads. */
export function leftTable(lines: readonly (readonly string[])[], terminal: Terminal): string {
  const columnCount = Math.max(...lines.map((cells) => cells.length));
  const widths = Array.from({ length: columnCount }, (_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const [heads = "", ...rows] = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [terminal.paint("bold", heads), ...rows].join("\n") + "\n";
}
