// Reads the values of options that several commands have; what cannot be read is a UsageError.
import { parseDurationMs } from "../lib/duration.ts";
import { UsageError, type Invocation } from "./command.ts";

type Values = Invocation["values"];

export function durationMs(values: Values, name: string, defaultMs: number): number {
  const text = values[name];
  if (text === undefined) return defaultMs;
  const ms = parseDurationMs(text);
  if (ms === undefined)
    throw new UsageError(`--${name} is a duration such as 500ms, 5s or 1m30s, not '${text}'`);
  return ms;
}

/** A size such as 512MiB; at least a mebibyte. */
export function byteCount(values: Values, name: string, defaultBytes: number): number {
  const text = values[name];
  if (text === undefined) return defaultBytes;
  const [, digits = "", unit = ""] = /^(\d{1,9})(KiB|MiB|GiB)$/.exec(text) ?? [];
  const bytes = Number(digits) * (unitBytes[unit] ?? 0);
  if (!(bytes >= 1_048_576 && bytes <= Number.MAX_SAFE_INTEGER))
    throw new UsageError(`--${name} is a size such as 512MiB or 2GiB, not '${text}'`);
  return bytes;
}

export function wholeNumber(
  values: Values,
  name: string,
  { defaultValue, min, max }: NumberRange,
): number {
  const text = values[name];
  if (text === undefined) return defaultValue;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new UsageError(`--${name} is a whole number from ${min} to ${max}, not '${text}'`);
  return value;
}

export interface NumberRange {
  defaultValue: number;
  min: number;
  max: number;
}

const unitBytes: Record<string, number> = { KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 };
