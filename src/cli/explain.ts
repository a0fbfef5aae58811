// `heddle explain`: what a code or the name of an error means, where to look and how to end it. Works without an agent.
import { nearest } from "../lib/nearest.ts";
import { codes, type Code } from "../resources/index.ts";
import { errorVocabulary, type ErrorSpelling } from "../telemetry/index.ts";
import { UsageError, type Invocation } from "./command.ts";
import { exitCode } from "./exit-code.ts";

export function run({ operands, values, terminal }: Invocation): Promise<number> {
  const [asked] = operands;
  const found = asked === undefined ? everything() : [explanation(asked)];
  if (values["output"] === "json") {
    terminal.out(`${JSON.stringify({ schemaVersion: 1, codes: found }, null, 2)}\n`);
  } else {
    terminal.out(asked === undefined ? found.map(line).join("") : found.map(text).join("\n"));
  }
  return Promise.resolve(exitCode.ok);
}

/** An error of traffic has all fields, a mistake in a file its code and meaning. */
interface Explanation {
  code: string;
  means: string;
  traffic?: ErrorSpelling;
}

function explanation(asked: string): Explanation {
  const all = everything();
  const wanted = asked.toLowerCase();
  const found = all.find(
    ({ code, traffic }) => code.toLowerCase() === wanted || traffic?.name === wanted,
  );
  if (found !== undefined) return found;
  const names = errorVocabulary.map(({ name }) => name);
  const meant = nearest(asked, [...all.map(({ code }) => code), ...names]);
  const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new UsageError(`there is no code or error '${asked}'${guess}`);
}

function everything(): Explanation[] {
  const traffic = errorVocabulary.map((row): Explanation => ({
    code: row.code,
    means: row.means,
    traffic: row,
  }));
  const mistakes = Object.keys(codes).map((code): Explanation => ({
    code,
    means: codes[code as Code].meaning,
  }));
  return [...traffic, ...mistakes].toSorted((left, right) => (left.code < right.code ? -1 : 1));
}

function line({ code, means, traffic }: Explanation): string {
  return `${code}  ${traffic === undefined ? "" : `${traffic.name}: `}${means}\n`;
}

function text({ code, means, traffic }: Explanation): string {
  if (traffic === undefined)
    return `${code}: ${means}\n  fix   \`heddle lint\` says it for your files\n`;
  const { name, statuses, proxyStatus = "-", flag = "-", grpcStatus = "-", look, fix } = traffic;
  const spelled = `HTTP ${statuses.join(", ")}, Proxy-Status ${proxyStatus}, Envoy ${flag}, gRPC ${grpcStatus}`;
  return `${code} ${name}: ${means}\n  seen  ${spelled}\n  look  ${look}\n  fix   ${fix}\n`;
}
