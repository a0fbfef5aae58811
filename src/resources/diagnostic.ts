// What is wrong with a user's file, where, and the way out. Diagnostics are collected, never thrown.
import { type Code, type Severity, codes } from "./codes.ts";

export interface Diagnostic {
  code: string;
  severity: Severity;
  /** `kind/name`. */
  resource: string;
  /** JSON Pointer inside the resource's document. */
  path: string;
  message: string;
  hint: string;
  position?: Position;
}

/** Line and column are counted from 1. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

/** The place in a user's file that a value comes from. */
export interface Origin {
  /** `kind/name`. */
  resource: string;
  /** JSON Pointer inside the resource's document. */
  path: string;
  position: Position;
}

export function diagnose(
  origin: Origin,
  code: Code,
  words: { message: string; hint: string },
): Diagnostic {
  const { resource, path, position } = origin;
  return { code, severity: codes[code].severity, resource, path, ...words, position };
}

/** The screen form: one line with place, severity, code and message, and one with the fix. No line break at the end. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(formatDiagnostic).join("\n");
}

/** By file, line and column; of one place the more severe first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort(
    (left, right) =>
      compareText(left.position?.file ?? "", right.position?.file ?? "") ||
      (left.position?.line ?? 0) - (right.position?.line ?? 0) ||
      (left.position?.column ?? 0) - (right.position?.column ?? 0) ||
      severities.indexOf(left.severity) - severities.indexOf(right.severity) ||
      compareText(left.code, right.code) ||
      compareText(left.message, right.message),
  );
}

function formatDiagnostic({
  position,
  severity,
  code,
  message,
  hint,
  resource,
}: Diagnostic): string {
  const place = position ? `${position.file}:${position.line}:${position.column}` : resource;
  return `${place}  ${severity.padEnd(5)} ${code}  ${message}\n    fix: ${hint}`;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const severities: readonly Severity[] = ["error", "warn", "info"];
