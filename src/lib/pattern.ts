// The regular expressions of matches: checks that a text is one which the data plane can match in linear time and within
// its memory, and says where it is not. The dialect is a part of RE2's that reads alike in RE2, in Rust's regex crate and
// in JavaScript; native/snapshot/src/pattern.rs compiles what passes here.

export interface PatternProblem {
  /** Continues "the pattern ...". */
  message: string;
  hint: string;
  /** Offset in the pattern. */
  at: number;
}

export const patternLengthMax = 1024;

export function patternProblem(pattern: string): PatternProblem | undefined {
  if (pattern.length > patternLengthMax) {
    const message = `has ${pattern.length} characters; ${patternLengthMax} are the most`;
    return { message, hint: "write several matches instead of one long pattern", at: 0 };
  }
  try {
    new PatternReader(pattern).read();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.problem;
    throw error;
  }
}

/** Ends the reading of a pattern at its first mistake. */
class Refusal extends Error {
  readonly problem: PatternProblem;

  constructor(problem: PatternProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Recursive descent; each method returns the memory that what it read takes in the data plane, estimated upwards. */
class PatternReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): void {
    // Upper and lower case alike: the one flag, and only for the whole.
    if (this.#text.startsWith("(?i)")) this.#at = 4;
    this.#alternatives();
    if (this.#peek() === ")") this.#refuse("has a ')' without '('", "write \\) for a parenthesis");
  }

  #alternatives(): number {
    let bytes = this.#sequence();
    while (this.#peek() === "|") {
      this.#at += 1;
      bytes += operatorBytes + this.#sequence();
    }
    return bytes;
  }

  #sequence(): number {
    let bytes = 0;
    for (let next = this.#peek(); next !== undefined && !"|)".includes(next); next = this.#peek()) {
      bytes += this.#repeated();
      if (bytes > bytesMax) this.#refuse(`takes more than ${bytesMax / 1024} KiB`, smaller);
    }
    return bytes;
  }

  #repeated(): number {
    const start = this.#at;
    const bytes = this.#atom();
    const operator = this.#operator();
    if (operator === undefined) return bytes;
    if (bytes === 0) this.#refuse("repeats a position, which is nowhere", "remove it", start);
    if (this.#peek() === "?") this.#at += 1;
    if (this.#operator() !== undefined)
      this.#refuse("repeats a repetition", "put parentheses around the first");
    const total = (bytes + operatorBytes) * operator;
    if (total > bytesMax) this.#refuse(`takes more than ${bytesMax / 1024} KiB`, smaller, start);
    return total;
  }

  /** Reads `*`, `+`, `?` or `{n,m}`; returns how often what stands before it is laid out. */
  #operator(): number | undefined {
    const next = this.#peek();
    if (next === undefined || !"*+?{".includes(next)) return undefined;
    if (next !== "{") {
      this.#at += 1;
      return 1;
    }
    const found = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.#text.slice(this.#at));
    if (found === null)
      this.#refuse("has a '{' that counts nothing", "write {2}, {2,} or {2,5}, or \\{ for a brace");
    const [whole, least = "0", comma, most = least] = found;
    if (Number(most) < Number(least))
      this.#refuse(
        `has the count ${whole}, which ends before it begins`,
        `write {${most},${least}}`,
      );
    this.#at += whole.length;
    return Math.max(1, Number(most) + (comma === "," ? 1 : 0));
  }

  #atom(): number {
    const start = this.#at;
    const next = this.#text.charAt(this.#at);
    this.#at += 1;
    switch (next) {
      case "(":
        return this.#group(start);
      case "[":
        return this.#class(start);
      case "\\":
        return this.#escape(start, atomEscapes);
      case "^":
      case "$":
        return 0;
      case "*":
      case "+":
      case "?":
      case "{":
        return this.#refuse(
          `has a '${next}' with nothing to repeat`,
          `write \\${next} for the character`,
          start,
        );
      default:
        if (!/^[\x20-\x7e]$/.test(next))
          this.#refuse("has a character that is not of ASCII", "write . for it", start);
        return literalBytes;
    }
  }

  #group(start: number): number {
    if (this.#text.startsWith("?:", this.#at)) this.#at += 2;
    else if (this.#peek() === "?") this.#refuseGroup(start);
    this.#depth += 1;
    if (this.#depth > depthMax)
      this.#refuse(`has more than ${depthMax} parentheses in each other`, smaller, start);
    const bytes = this.#alternatives();
    if (this.#peek() !== ")")
      this.#refuse("has a '(' without ')'", "write \\( for a parenthesis", start);
    this.#at += 1;
    this.#depth -= 1;
    return bytes + operatorBytes;
  }

  #refuseGroup(start: number): never {
    const looks = /^\?<?[=!]/.test(this.#text.slice(this.#at));
    return looks
      ? this.#refuse(
          "looks around, which takes more than linear time",
          "write several matches",
          start,
        )
      : this.#refuse(
          "has a group of an unknown kind",
          "write ( or (?:, and (?i) only at the start",
          start,
        );
  }

  #class(start: number): number {
    if (this.#peek() === "^") this.#at += 1;
    let ranges = 0;
    for (let next = this.#peek(); next !== "]" || ranges === 0; next = this.#peek()) {
      if (next === undefined)
        return this.#refuse("has a '[' without ']'", "write \\[ for a bracket", start);
      if (next === "[" || next === "]")
        this.#refuse(`has a '${next}' in a class`, `write \\${next} for a bracket`);
      if (/^(&&|--|~~)/.test(this.#text.slice(this.#at)))
        this.#refuse("has an operator in a class", "write each of the two with a \\ before it");
      this.#range();
      ranges += 1;
    }
    this.#at += 1;
    // Negated or without regard to case there may be as many again, and one more.
    return literalBytes + rangeBytes * (2 * ranges + 1);
  }

  /** A character, a class of characters, or two characters with `-` between them. */
  #range(): void {
    const start = this.#at;
    const low = this.#classCharacter();
    const dash = this.#peek() === "-" && !["]", undefined].includes(this.#text[this.#at + 1]);
    if (!dash) return;
    this.#at += 1;
    const high = this.#classCharacter();
    if (low === undefined || high === undefined || low > high)
      this.#refuse(
        `has the range ${this.#text.slice(start, this.#at)}, which holds nothing`,
        "begin with the smaller character",
        start,
      );
  }

  /** Undefined for a class such as \\d. */
  #classCharacter(): string | undefined {
    const start = this.#at;
    const next = this.#text.charAt(start);
    this.#at += 1;
    if (next === "\\") {
      this.#escape(start, classEscapes);
      const escaped = this.#text.charAt(start + 1);
      return /[a-zA-Z]/.test(escaped) ? undefined : escaped;
    }
    if (!/^[\x20-\x7e]$/.test(next))
      this.#refuse("has a character that is not of ASCII", "write . for it", start);
    return next;
  }

  #escape(start: number, letters: ReadonlyMap<string, number>): number {
    const next = this.#text.charAt(this.#at);
    this.#at += 1;
    const bytes = letters.get(next);
    if (bytes !== undefined) return bytes;
    if (/^[!-/:-@[-`{-~]$/.test(next) && !"<>".includes(next)) return literalBytes;
    if (/^[1-9]$/.test(next))
      this.#refuse(
        `refers back with \\${next}, which takes more than linear time`,
        "write several matches",
        start,
      );
    return this.#refuse(
      next === "" ? "ends with a \\" : `has the unknown escape \\${next}`,
      "write \\d, \\w, \\s, \\D, \\W, \\S, \\b, \\B, or \\ before a punctuation mark",
      start,
    );
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #refuse(message: string, hint: string, at: number = this.#at): never {
    throw new Refusal({ message, hint, at });
  }
}

/** Memory of a compiled pattern in the data plane. */
const bytesMax = 64 * 1024;
const literalBytes = 64;
const rangeBytes = 16;
const operatorBytes = 48;
/** Parentheses in each other; readers of patterns recurse. */
const depthMax = 32;
const smaller = "write several matches, or a pattern that counts less";

/** Letters that may follow a backslash, with what they take; 0 for a position. */
const classEscapes: ReadonlyMap<string, number> = new Map(
  ["d", "D", "w", "W", "s", "S"].map((letter) => [letter, literalBytes + 8 * rangeBytes]),
);
const atomEscapes: ReadonlyMap<string, number> = new Map([...classEscapes, ["b", 0], ["B", 0]]);
