// Prints what is wrong in the error form: code and message, the place, the way out.
import type { StatusDiagnostic } from "../api/index.ts";
import type { Terminal } from "./terminal.ts";

/** To stderr. */
export function sayDiagnostics(terminal: Terminal, diagnostics: readonly StatusDiagnostic[]): void {
  for (const { code, severity, message, hint, at } of diagnostics) {
    const head = terminal.paintMessage(
      severity === "error" ? "red" : "yellow",
      `${severity}[${code}]`,
    );
    terminal.say(`${head}: ${message}`);
    if (at !== undefined) terminal.say(`  --> ${at}`);
    if (hint !== "") terminal.say(`  fix: ${hint}`);
  }
}
