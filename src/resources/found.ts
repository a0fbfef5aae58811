// Says in words what stands in a place, for messages of the form "must be X, found Y".

export function found(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return `the text ${quoted(value)}`;
  if (typeof value === "number") return `the number ${value}`;
  return value === true ? "true" : "false";
}

/** In double quotes, shortened. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text);
}

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  const [last = "", ...others] = [...words].reverse();
  return others.length === 0 ? last : `${others.reverse().join(", ")} or ${last}`;
}

/** ` (did you mean x?)`, or nothing. */
export function didYouMean(word: string | undefined): string {
  return word === undefined ? "" : ` (did you mean ${word}?)`;
}

/** More does not fit on a line of a terminal beside the message. */
const lengthMax = 40;
