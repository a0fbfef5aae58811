// `heddle config view`: the files as they were read, or, resolved, what they mean with every default filled in and
// every value's place.
import { parseAllDocuments, stringify } from "yaml";
import {
  formatDiagnostics,
  parseResources,
  readSources,
  type SourceFile,
} from "../resources/index.ts";
import type { Invocation } from "./command.ts";
import { exitCode } from "./exit-code.ts";

export async function run({ values, switches, terminal }: Invocation): Promise<number> {
  const files = await readSources(values["file"] ?? "mesh.yaml", process.stdin);
  const asJson = values["output"] === "json";
  if (!switches.has("resolved")) {
    terminal.out(asJson ? json(documents(files)) : files.map(({ text }) => text).join("---\n"));
    return exitCode.ok;
  }
  const { resources, diagnostics } = parseResources(files);
  if (diagnostics.length > 0) terminal.say(formatDiagnostics(diagnostics));
  if (resources === undefined) return exitCode.foundErrors;
  const shown = withPlaces({ schemaVersion: 1, ...resources });
  terminal.out(asJson ? json(shown) : stringify(shown, { aliasDuplicateObjects: false }));
  return exitCode.ok;
}

function documents(files: readonly SourceFile[]): unknown[] {
  return files.flatMap(({ text }) =>
    parseAllDocuments(text).map((document): unknown => document.toJS({ maxAliasCount: 100 })),
  );
}

/** Shortens each origin to `file:line:column`. */
function withPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlaces);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]: [string, unknown]) => [
      key,
      key === "origin" ? place(part) : withPlaces(part),
    ]),
  );
}

function place(origin: unknown): string {
  const { position } = origin as { position: { file: string; line: number; column: number } };
  return `${position.file}:${position.line}:${position.column}`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
