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
