// The live part of `heddle dev`: a table that is redrawn in place where a person looks at a terminal, and printed now
// and then elsewhere. Messages push it down instead of tearing it.
import { stripVTControlCharacters } from "node:util";
import type { Terminal } from "../terminal.ts";

export class Screen {
  readonly #terminal: Terminal;
  #drawnLines = 0;
  #printedMs = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  draw(table: string, nowMs: number): void {
    if (!this.#terminal.live) {
      if (nowMs - this.#printedMs < plainIntervalMs) return;
      this.#printedMs = nowMs;
      return this.#terminal.out(table);
    }
    const lines = table
      .trimEnd()
      .split("\n")
      .map((line) => fitted(line, this.#terminal.columns));
    this.#erase();
    this.#terminal.out(`${lines.join("\n")}\n`);
    this.#drawnLines = lines.length;
  }

  say(text: string): void {
    this.#erase();
    this.#terminal.say(text);
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#terminal.out(`\u001b[${this.#drawnLines}A\u001b[J`);
    this.#drawnLines = 0;
  }
}

/** A line that wraps would make the count of drawn lines wrong. One that is too long loses its colours. */
function fitted(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length < columns ? line : plain.slice(0, columns - 1);
}

/** Elsewhere a table per second would only fill a log. */
const plainIntervalMs = 10_000;
