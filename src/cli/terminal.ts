// Where a command writes: data to stdout, messages to stderr, each with colour only where a person looks at it, and
// ASCII marks where the locale has no UTF-8.

export interface Terminal {
  /** Data. */
  out(text: string): void;
  /** A message of one line. */
  say(text: string): void;
  /** True when stdout is a terminal that can be redrawn. */
  readonly live: boolean;
  readonly columns: number;
  readonly marks: Marks;
  /** For text on stdout, and for text on stderr. */
  readonly paint: Paint;
  readonly paintMessage: Paint;
}

export interface Marks {
  ok: string;
  warn: string;
  bad: string;
  arrow: string;
  micro: string;
}

export type Colour = "red" | "yellow" | "green" | "cyan" | "bold" | "dim";
export type Paint = (colour: Colour, text: string) => string;
export type ColourMode = "auto" | "always" | "never";

export function createTerminal(
  mode: ColourMode,
  environment: NodeJS.ProcessEnv = process.env,
): Terminal {
  const { stdout, stderr } = process;
  return {
    out: (text) => void stdout.write(text),
    say: (text) => void stderr.write(`${text}\n`),
    live: stdout.isTTY === true && environment["TERM"] !== "dumb",
    // Some pseudo-terminals say 0.
    columns: stdout.columns || columnsWhenUnknown,
    marks: speaksUtf8(environment) ? unicodeMarks : asciiMarks,
    paint: painter(wantsColour(mode, environment, stdout.isTTY === true)),
    paintMessage: painter(wantsColour(mode, environment, stderr.isTTY === true)),
  };
}

/** The flag decides, then NO_COLOR, then FORCE_COLOR, then whether somebody looks. */
export function wantsColour(
  mode: ColourMode,
  environment: NodeJS.ProcessEnv,
  isTty: boolean,
): boolean {
  if (mode !== "auto") return mode === "always";
  if ((environment["NO_COLOR"] ?? "") !== "") return false;
  const forced = environment["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTty && environment["TERM"] !== "dumb";
}

/** As `locale` does it: the first of the three that is set decides. */
export function speaksUtf8(environment: NodeJS.ProcessEnv): boolean {
  const locale = environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "";
  return /utf-?8/i.test(locale);
}

function painter(colours: boolean): Paint {
  return (colour, text) => (colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text);
}

const codes: Record<Colour, number> = { red: 31, yellow: 33, green: 32, cyan: 36, bold: 1, dim: 2 };
const unicodeMarks: Marks = { ok: "√", warn: "‼", bad: "×", arrow: "->", micro: "µs" };
const asciiMarks: Marks = { ok: "ok", warn: "!!", bad: "x", arrow: "->", micro: "us" };
const columnsWhenUnknown = 100;
